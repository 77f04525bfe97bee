// The guards that scripts/chaos can take out, for one run, of a copy of the product. Each names
// one text of one file; a text that is not there exactly once ends the run.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const TMUX = "src/adapters/tmux-guard.ts";
const WAKE = "src/usecases/wake-agent.ts";
const COMPOSER = "src/usecases/composer.ts";

/** name → [file, the guard, what stands there without it][] */
export const GUARDS = {
  "generation-fence": [
    [TMUX, 'is("pid", ref.serverPid),', ""],
    [TMUX, 'is("start_time", ref.serverStart),', ""],
    [TMUX, 'is("pane_pid", ref.panePid),', ""],
    [TMUX, 'is("@ov_session", ref.mark),', ""],
  ],
  "draft-look": [
    [
      WAKE,
      'if (reading && reading.draft !== "" && !isOurs(reading.draft)) return "human_draft";',
      "",
    ],
  ],
  "mode-check": [
    [WAKE, 'if (frame.inMode && !leaveMode) return "pane_mode";', ""],
    [TMUX, 'if (!guard.leaveMode) tests.push(is("pane_in_mode", 0));', ""],
  ],
  "writer-lock": [
    [
      WAKE,
      'if (!takeLease(tools, lease, WRITER_MS)) return held("agent_busy");',
      "takeLease(tools, lease, WRITER_MS);",
    ],
  ],
  "transcript-check": [
    ["src/usecases/recover-mail.ts", "if (has.size > 0) {", "if (has.size < 0) {"],
  ],
  "transcript-faith": [
    ["src/usecases/recover-mail.ts", "if (has.size > 0) {", "if (has.size >= 0) {"],
  ],
  sanitiser: [
    ["src/domain/text.ts", '.replace(/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]/g, "")', ""],
  ],
  "body-quotes": [["src/domain/quote.ts", "body.replace(/^.+$/gmu, quoteLine)", "body"]],
  "claim-once": [
    [
      "src/adapters/sqlite/mail-moves.ts",
      "WHERE recipient = @recipient AND state = 'queued' AND seq IN (",
      "WHERE recipient = @recipient AND seq IN (",
    ],
    [
      "src/adapters/sqlite/mail-moves.ts",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a template.
      "WHERE recipient = @recipient AND state = 'queued' AND ${OPEN} AND ${UNLESS_EXPIRED}",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a template.
      "WHERE recipient = @recipient AND ${OPEN} AND ${UNLESS_EXPIRED}",
    ],
  ],
  "enter-look": [[COMPOSER, 'if (!stands(draft)) return held("human_draft");', ""]],
  "input-check": [
    [
      "src/adapters/tmux.ts",
      'if (guard.tty && (await hasUnread(guard.tty))) return { ok: false, refusal: "input_unread" };',
      "",
    ],
  ],
  "cursor-fence": [
    [TMUX, 'if (cursor) tests.push(is("cursor_x", cursor.x), is("cursor_y", cursor.y));', ""],
  ],
  "one-program": [["src/usecases/one-program.ts", "if (!first) break;", "break;"]],
  "sync-check": [
    [WAKE, 'if (frame.synchronized) return "panes_synchronized";', ""],
    [TMUX, 'is("pane_synchronized", 0),', ""],
  ],
};

/** An esbuild plugin that takes a guard out; throws for a guard whose text is not there once. */
export function without(name) {
  const edits = GUARDS[name];
  if (!edits) throw new Error(`no guard "${name}"; there are: ${Object.keys(GUARDS).join(", ")}`);
  const files = new Map();
  for (const [file, find, put] of edits) {
    const text = files.get(file) ?? readFileSync(file, "utf8");
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${name}: its text is ${times} times in ${file}:\n${find}`);
    files.set(
      file,
      text.replace(find, () => put),
    );
  }
  return {
    name: `without-${name}`,
    setup({ onLoad }) {
      for (const [file, contents] of files) {
        const path = resolve(file).replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
        onLoad({ filter: new RegExp(`^${path}$`) }, () => ({ contents, loader: "ts" }));
      }
    },
  };
}
