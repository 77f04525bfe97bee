import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentKit, binOf, isThere } from "./kit.ts";

const BIN = binOf("gemini");

/** Read from `~/.gemini/settings.json` by Gemini CLI 0.61.0. */
const SETTINGS = {
  security: {
    auth: { selectedType: "gemini-api-key" },
    folderTrust: { enabled: true },
  },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  // Without a name, a routing request goes before each prompt. The scripted model repeats what it
  // was told, which the program would ask about.
  model: { name: "gemini-2.5-pro", disableLoopDetection: true },
};

/** What the person of this home allows. */
const POLICY = `[[rule]]
toolName = "run_shell_command"
commandPrefix = "sleep"
decision = "allow"
priority = 100
`;

/** The pinned Gemini CLI in a home of its own, against a model on loopback. */
export const geminiKit: AgentKit = {
  runtime: "gemini",
  compact: "/compress",
  // Enter within 40 ms of text is dropped; a slow machine needs more.
  settleMs: 200,
  written: (text) => text.replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  package: "@google/gemini-cli",
  installed: () => isThere(BIN),
  prepare({ dir, trusted, modelUrl }) {
    const folder = join(realpathSync(dir), ".gemini");
    mkdirSync(folder, { recursive: true });
    const write = (name: string, value: unknown) =>
      writeFileSync(join(folder, name), JSON.stringify(value, null, 2), { mode: 0o600 });
    const heard = { type: "command", command: `cat >>'${join(folder, "heard")}'` };
    write("settings.json", { ...SETTINGS, hooks: { BeforeAgent: [{ hooks: [heard] }] } });
    writeFileSync(join(folder, "GEMINI.md"), "Speak plainly.\n");
    mkdirSync(join(folder, "policies"));
    writeFileSync(join(folder, "policies", "own.toml"), POLICY);
    write(
      "trustedFolders.json",
      Object.fromEntries(trusted.map((path) => [realpathSync(path), "TRUST_FOLDER"])),
    );
    return {
      env: {
        HOME: realpathSync(dir),
        GEMINI_API_KEY: "dummy-key-for-a-scripted-model",
        GOOGLE_GEMINI_BASE_URL: modelUrl,
      },
      command: BIN,
      args: [],
    };
  },
};
