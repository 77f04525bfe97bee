import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readOpencodeScreen } from "../../src/adapters/runtimes/opencode-screen.ts";
import { screensRead } from "./screens.ts";

const FOLDER = "test/fixtures/screens/opencode";

/** What each captured screen of OpenCode 1.18.33 is, in the words that delivery uses. */
const EXPECTED: Record<string, string> = {
  "after-escape": "composer",
  // Its composer, with a draft, is not on the screen: the program knows of no need to draw it.
  "after-resize": "none",
  busy: "composer busy",
  "busy-draft": "composer busy draft",
  "busy-esc": "composer busy",
  "busy-narrow": "composer busy",
  "busy-queued": "composer busy",
  "busy-tool": "composer busy",
  compacting: "composer busy compacting",
  draft: "composer draft",
  "draft-at-menu": "composer draft",
  "draft-home": "composer draft",
  "draft-multiline": "composer draft",
  "draft-narrow": "composer draft",
  "draft-pasted": "composer draft",
  "draft-shell-mode": "composer draft",
  "draft-slash-menu": "composer draft",
  "error-400": "composer error",
  "error-400-toast": "composer error",
  "error-retrying": "composer busy error",
  exited: "none",
  home: "composer",
  "idle-after-turn": "composer",
  "idle-interrupted": "composer",
  "idle-narrow": "composer",
  "overlay-commands": "dialog",
  "overlay-help": "dialog",
  "overlay-sessions": "dialog",
  permission: "dialog",
  "permission-always": "dialog",
  "permission-narrow": "dialog",
  "permission-second": "dialog",
  question: "dialog",
  "question-second": "dialog",
  "question-tabs": "dialog",
  "shell-mode": "composer draft",
  subagent: "composer busy",
};

const linesOf = (name: string) =>
  readFileSync(`${FOLDER}/${name}.txt`, "utf8").trimEnd().split("\n");

function read(name: string, lines = linesOf(name)) {
  const place = JSON.parse(readFileSync(`${FOLDER}/${name}.json`, "utf8"));
  return readOpencodeScreen({ lines, cursorX: place.cursor_x, cursorY: place.cursor_y });
}

screensRead(FOLDER, EXPECTED, read);

test.each([
  ["draft", "half a thought"],
  ["draft-home", "a draft at home"],
  ["draft-multiline", "line one\nline two\nline three"],
  ["draft-narrow", "a draft that is longer than\nthe forty columns here"],
  ["draft-pasted", "[Pasted ~4 lines]"],
  ["draft-shell-mode", "!ls"],
  ["busy-draft", "typed meanwhile"],
])("the draft of %s is read without frame, sidebar and ghost text", (name, draft) => {
  expect(read(name).draft).toBe(draft);
});

/** The kind of each captured dialog, and its options; `>` is what Enter would choose. */
const DIALOGS: Record<string, string> = {
  permission: "permission: >Allow once, Allow always, Reject",
  "permission-second": "permission: Allow once, >Allow always, Reject",
  "permission-always": "permission: >Confirm, Cancel",
  "permission-narrow": "permission: >Allow once, Allow always, Reject",
  question: "question: >Red, Blue, Type your own answer",
  "question-second": "question: Red, >Blue, Type your own answer",
  "question-tabs": "question: >[ ] Red, [ ] Blue, [ ] Type your own answer",
  "overlay-commands": "other: ",
};

test.each(Object.entries(DIALOGS))("the dialog %s is %s", (name, expected) => {
  const { kind, options } = read(name).dialog!;
  const shown = options.map(({ label, selected }) => `${selected ? ">" : ""}${label}`);
  expect(`${kind}: ${shown.join(", ")}`).toBe(expected);
});

test.each([
  ["permission", "Permission required # Shell command $ touch p1"],
  ["question", "Which color?"],
  ["question-tabs", "Which colors? (select all that apply)"],
  ["overlay-help", "Help"],
])("the dialog %s asks: %s", (name, question) => {
  expect(read(name).dialog?.question).toBe(question);
});

test("a composer without the cursor takes no keys, and is not read as idle", () => {
  const lines = linesOf("idle-after-turn");
  expect(readOpencodeScreen({ lines, cursorX: 60, cursorY: 20 }).focus).toBe("none");
});

test("what a resize left beside a panel does not hide its composer", () => {
  const lines = linesOf("draft");
  const padding = lines.findLastIndex((line) => line.includes("┃")) - 1;
  lines[padding] = lines[padding]!.replace("  ", "-0");
  expect(read("draft", lines)).toEqual(read("draft"));
});
