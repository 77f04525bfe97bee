import type { LastWords } from "../../ports/agent-files.ts";
import { codexPath } from "./codex-transcript.ts";
import { geminiPath } from "./gemini-hooks.ts";
import { readTail } from "./tail.ts";
import { OPENCODE } from "./transcript.ts";

type Line = Record<string, unknown>;

/** What each program calls its own words: Claude Code 2.1.329, Codex 0.169.0, Gemini CLI 0.61.0. */
function wordsOf({ type, message, payload, content }: Line): string {
  if (type === "assistant") return textOf((message as Line | undefined)?.content);
  if (type === "gemini") return textOf(content);
  const { type: kind, message: said } = (payload ?? {}) as Line;
  return type === "event_msg" && kind === "agent_message" ? textOf(said) : "";
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const texts = content.map((block: Line) => (typeof block.text === "string" ? block.text : ""));
  return texts.filter(Boolean).join("\n");
}

/** Looks at the end of the file only: what was said before 128 KB of tools is not found. */
export const lastWords: LastWords = async (transcript) => {
  if (transcript.startsWith(OPENCODE)) {
    const { opencodeLastWords } = await import("../sqlite/opencode-transcript.ts");
    return opencodeLastWords(transcript.slice(OPENCODE.length));
  }
  const lines =
    readTail(geminiPath(transcript) ?? codexPath(transcript) ?? transcript)?.lines ?? [];
  for (const line of lines.toReversed()) {
    const words = wordsOf(line).trim();
    if (words !== "") return words;
  }
  return "";
};
