import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readCodexScreen } from "../../src/adapters/runtimes/codex-screen.ts";
import { screensRead } from "./screens.ts";

const FOLDER = "test/fixtures/screens/codex";

/** What each captured screen of Codex CLI 0.169.0 is, in the words that delivery uses. */
const EXPECTED: Record<string, string> = {
  agents: "dialog",
  "browse-transcript": "dialog",
  "busy-draft": "composer busy draft",
  "busy-queued": "composer busy",
  "busy-steered": "composer busy",
  "busy-tool": "composer busy",
  busy: "composer busy",
  compacting: "composer busy compacting",
  "draft-at-menu": "composer draft",
  "draft-backslash": "composer draft",
  "draft-multiline": "composer draft",
  "draft-narrow": "composer draft",
  "draft-pasted-long-line": "composer draft",
  "draft-pasted": "composer draft",
  "draft-shell-mode": "composer draft",
  "draft-slash-menu": "composer draft",
  draft: "composer draft",
  "error-400": "composer error",
  "error-401": "composer error",
  "error-429": "composer error",
  "error-500": "composer error",
  "error-retrying": "composer busy error",
  exited: "none",
  "help-open": "composer",
  "history-search": "dialog",
  "hooks-review": "dialog",
  "idle-after-turn": "composer",
  "idle-compacted": "composer",
  "idle-esc-once": "composer",
  "idle-interrupted": "composer",
  "idle-narrow": "composer",
  "idle-plan-mode": "composer",
  "idle-tool-refused": "composer",
  idle: "composer",
  login: "dialog",
  model: "dialog",
  "permission-long": "dialog",
  "permission-narrow": "dialog",
  "permission-second": "dialog",
  permission: "dialog",
  "permissions-menu": "dialog",
  "question-notes": "dialog",
  question: "dialog",
  "resume-picker": "dialog",
  "shell-mode": "composer draft",
  trust: "dialog",
  warnings: "dialog",
};

const frame = (name: string) => ({
  lines: readFileSync(`${FOLDER}/${name}.txt`, "utf8").split("\n"),
  title: JSON.parse(readFileSync(`${FOLDER}/${name}.json`, "utf8")).pane_title as string,
});

screensRead(FOLDER, EXPECTED, (name) => readCodexScreen(frame(name)));

test.each([
  ["draft", "half a thought: $(id)"],
  ["draft-multiline", "line one\nline two\nline three"],
  ["draft-narrow", "half a thought that is longer than\nthe forty columns of it"],
  ["draft-shell-mode", "!ls"],
  ["draft-slash-menu", "/"],
])("the draft of %s is read without prompt and indent", (name, draft) => {
  expect(readCodexScreen(frame(name)).draft).toBe(draft);
});

const dialogs = Object.keys(EXPECTED).filter((name) => EXPECTED[name] === "dialog");

test.each(dialogs)("the dialog %s is one without the title, by its keys", (name) => {
  expect(readCodexScreen({ ...frame(name), title: "" }).focus).toBe("dialog");
});

/** Kind, question and options of captured dialogs; `>` is what Enter would choose. */
const SHOWN: Record<string, string> = {
  "hooks-review":
    "trust: Hooks need review: >Review hooks, Trust all and continue, Continue without trusting (hooks won't run)",
  login:
    "login: Welcome to Codex, OpenAI's command-line coding agent: >Sign in with ChatGPT, Sign in with Device Code, Sign in another way",
  permission:
    "permission: Would you like to run the following command?: >Yes, proceed (y), Yes, and don't ask again for commands that start with `touch made2` (p), No, and tell Codex what to do differently (esc)",
  "permission-second":
    "permission: Would you like to run the following command?: Yes, proceed (y), >Yes, and don't ask again for commands that start with `touch /tmp/room/out/aa` (p), No, and tell Codex what to do differently (esc)",
  question:
    "question: Which colour?: >Red                warm, Blue               cold, None of the above  Optionally, add details in notes (tab)",
  trust: "trust: Folder access: >Trust and continue, Back to Agent Command Center",
};

test.each(Object.entries(SHOWN))("the dialog %s is %s", (name, expected) => {
  const { kind, question, options } = readCodexScreen(frame(name)).dialog!;
  const shown = options.map(({ label, selected }) => `${selected ? ">" : ""}${label}`);
  expect(`${kind}: ${question}: ${shown.join(", ")}`).toBe(expected);
});
