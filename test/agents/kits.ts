import { claudeKit } from "./claude-room.ts";
import { codexKit } from "./codex-room.ts";
import { geminiKit } from "./gemini-room.ts";
import type { AgentKit } from "./kit.ts";
import { opencodeKit } from "./opencode-room.ts";

/** The real programs, by their names in `ov sling --runtime`. */
export const KITS: Readonly<Record<string, AgentKit>> = {
  claude: claudeKit,
  codex: codexKit,
  gemini: geminiKit,
  opencode: opencodeKit,
};
