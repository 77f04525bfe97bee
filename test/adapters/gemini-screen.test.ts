import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readGeminiScreen } from "../../src/adapters/runtimes/gemini-screen.ts";
import { screensRead } from "./screens.ts";

const FOLDER = "test/fixtures/screens/gemini";

/** What each captured screen of Gemini CLI 0.61.0 is, in the words that delivery uses. */
const EXPECTED: Record<string, string> = {
  ask: "dialog",
  auth: "dialog",
  "busy-draft": "composer busy draft",
  "busy-narrow": "composer busy",
  "busy-queued": "composer busy",
  "busy-tool": "composer busy",
  busy: "composer busy",
  "ctrl-c-once": "composer",
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
  // It shows a call that is tried again as one that takes long.
  "error-retrying": "composer busy",
  exited: "none",
  "help-open": "composer",
  "history-search": "composer draft",
  "idle-after-letter": "composer",
  "idle-after-turn": "composer",
  "idle-cancelled-retry": "composer",
  "idle-interrupted": "composer",
  "idle-narrow": "composer",
  "idle-refused": "composer",
  model: "dialog",
  "panel-busy": "composer busy",
  "panel-draft": "composer draft",
  "panel-draft-multiline": "composer draft",
  "panel-idle": "composer",
  "panel-shell-mode": "composer draft",
  permission: "dialog",
  resume: "dialog",
  rewind: "dialog",
  settings: "dialog",
  "shell-mode": "composer draft",
  theme: "dialog",
  trust: "dialog",
};

const frame = (name: string) => ({
  lines: readFileSync(`${FOLDER}/${name}.txt`, "utf8").split("\n"),
  title: JSON.parse(readFileSync(`${FOLDER}/${name}.json`, "utf8")).pane_title as string,
  width: 160,
});

screensRead(FOLDER, EXPECTED, (name) => readGeminiScreen(frame(name)));

test.each([
  ["draft", "half a thought: $(id) ünïcode"],
  ["draft-multiline", "line one\nline two\nline three"],
  ["draft-narrow", "half a thought that is longer\nthan one line of it"],
  ["draft-shell-mode", "!ls"],
  ["panel-draft-multiline", "one\\\n\nthree"],
  ["panel-shell-mode", "!"],
])("the draft of %s is read byte for byte, without prompt and placeholder", (name, draft) => {
  expect(readGeminiScreen(frame(name)).draft).toBe(draft);
});

/** The kind of each captured dialog, its question and its options; `>` is what Enter would choose. */
const DIALOGS: Record<string, string> = {
  ask: "question: Answer Questions: >Red, Blue, Enter a custom value",
  auth: "login: How would you like to authenticate for this project?: Sign in with Google, >Use Gemini API Key, Vertex AI",
  model: "model: Select Model: Auto, >Manual (gemini-2.5-pro)",
  permission:
    "permission: Allow execution of [Shell]?: >Allow once, Allow for this session, No, suggest changes (esc)",
  resume: "resume: it offers conversations: ",
  trust:
    "trust: Do you trust the files in this folder?: >Trust folder (bo), Trust parent folder (worktrees), Don't trust",
};

test.each(Object.entries(DIALOGS))("the dialog %s is %s", (name, expected) => {
  const { kind, question, options } = readGeminiScreen(frame(name)).dialog!;
  const shown = options.map(({ label, selected }) => `${selected ? ">" : ""}${label}`);
  expect(`${kind}: ${question}: ${shown.join(", ")}`).toBe(expected);
});

test("the title of the trust dialog says Ready, and is not believed", () => {
  expect(frame("trust").title).toContain("Ready");
});

test("a title that works makes a calm screen busy, and one that asks makes an unknown one a dialog", () => {
  const { lines } = frame("idle-after-turn");
  expect(readGeminiScreen({ lines, title: "✦  Working… (bo)", width: 160 }).busy).toBe(true);
  const title = "✋  Action Required (bo)";
  const asked = readGeminiScreen({ lines: ["something new"], title, width: 160 });
  expect(asked.dialog).toMatchObject({ kind: "other", options: [] });
});

test("a composer that a resize left above a dialog or the conversation is not believed", () => {
  const left = frame("idle-after-turn");
  const dialog = frame("permission");
  const both = { lines: [...left.lines, ...dialog.lines], title: left.title, width: 160 };
  expect(readGeminiScreen(both)).toMatchObject({ focus: "dialog", dialog: { kind: "permission" } });
  const turn = { lines: [...left.lines, "> RUN: true", "", "✦ ok"], title: left.title, width: 160 };
  expect(readGeminiScreen(turn).focus).toBe("none");
  const again = { lines: [...turn.lines, ...left.lines], title: left.title, width: 160 };
  expect(readGeminiScreen(again)).toMatchObject({ focus: "composer", draft: "" });
});

test("a dialog above the footer is a dialog, and a composer above it is none", () => {
  const { lines, title } = frame("permission");
  const shown = lines.slice(0, lines.findLastIndex((line) => line.includes("╯")) + 1);
  const footer = [
    "",
    "",
    "─".repeat(80),
    " workspace (/directory)   /model",
    " /tmp/x   gemini-2.5-pro",
  ];
  const read = readGeminiScreen({ lines: [...shown, ...footer], title, width: 160 });
  expect(read).toMatchObject({ focus: "dialog", dialog: { kind: "permission" } });
  expect(readGeminiScreen({ lines: ["words", ...footer], title: "", width: 160 }).focus).toBe(
    "none",
  );
});

test("a composer whose lower edge is below the screen is read where nothing can be hidden", () => {
  const edge = "─".repeat(160);
  const read = (rows: string[], width = 160) =>
    readGeminiScreen({ lines: ["✦ ok", edge, ...rows, ""], title: "", width });
  const notice = "[ov wake-1m7yqxmjfhffvhmw] You have mail: status from ci";
  expect(read([` > ${notice}`])).toMatchObject({ focus: "composer", draft: notice });
  expect(read([" >   Type your message or @path/to/file"])).toMatchObject({ draft: "" });
  // An empty row may be a draft's first; a full one may go on; a blank end is no composer's.
  expect(read([" >"]).focus).toBe("none");
  expect(read([` > ${notice}`], notice.length + 6).focus).toBe("none");
  expect(read([` > ${notice}`, ""]).focus).toBe("none");
});
