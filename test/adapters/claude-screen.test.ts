import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readClaudeScreen } from "../../src/adapters/runtimes/claude-screen.ts";
import { screensRead } from "./screens.ts";

const FOLDER = "test/fixtures/screens/claude";

/** What each captured screen of Claude Code 2.1.329 is, in the words that delivery uses. */
const EXPECTED: Record<string, string> = {
  ask: "dialog",
  "busy-draft": "composer busy draft",
  "busy-queued": "composer busy",
  busy: "composer busy",
  "classic-busy": "composer busy",
  "classic-idle": "composer",
  "classic-permission": "dialog",
  "draft-at-menu": "composer draft",
  "draft-backslash": "composer draft",
  "draft-multiline": "composer draft",
  "draft-pasted-long-line": "composer draft",
  "draft-pasted": "composer draft",
  "draft-restored-after-esc": "composer draft",
  "draft-shell-mode": "composer draft",
  "draft-slash-menu": "composer draft",
  draft: "composer draft",
  "error-400": "composer error",
  "error-retrying": "composer busy error",
  // What is left on the screen after the end: the process facts know better.
  exited: "composer draft",
  "help-open": "composer",
  "history-search": "dialog",
  "idle-after-turn": "composer",
  "idle-interrupted": "composer",
  "idle-narrow": "composer",
  "idle-stashed": "composer",
  idle: "composer",
  "permission-write": "dialog",
  permission: "dialog",
  "shell-mode": "composer draft",
  suspended: "none",
  "transcript-view": "none",
  trust: "dialog",
};

const frame = (name: string) => ({
  lines: readFileSync(`${FOLDER}/${name}.txt`, "utf8").split("\n"),
});

screensRead(FOLDER, EXPECTED, (name) => readClaudeScreen(frame(name)));

test("a draft is read byte for byte, without prompt and cursor", () => {
  expect(readClaudeScreen(frame("draft-multiline")).draft).toBe("line one\nline two\nline three");
});

/** The kind of each captured dialog, and its options; `>` is what Enter would choose. */
const DIALOGS: Record<string, string> = {
  ask: "question: >Red, Blue, Type something., Chat about this",
  "classic-permission":
    "permission: >Yes, Yes, and always allow access to /tmp/room/repo from this project, Yes, and switch to auto mode · auto mode handles these prompts for you, No",
  "history-search": "other: >44s ago  hello",
  "permission-write":
    "permission: >Yes, Yes, and switch to accept edits (auto-approve file edits and common file commands) for this, No",
  permission:
    "permission: >Yes, Yes, and always allow access to /tmp/room/repo from this project, Yes, and switch to auto mode · auto mode handles these prompts for you, No",
  trust: "trust: >No, exit, Yes, I trust this folder",
};

test.each(Object.entries(DIALOGS))("the dialog %s is %s", (name, expected) => {
  const { kind, options } = readClaudeScreen(frame(name)).dialog!;
  const shown = options.map(({ label, selected }) => `${selected ? ">" : ""}${label}`);
  expect(`${kind}: ${shown.join(", ")}`).toBe(expected);
});
