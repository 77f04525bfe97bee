import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { head } from "../../../domain/text.ts";
import type { HookEvent, HookOutcome, Hooks } from "./hooks.ts";
import type { SessionRecord } from "./record.ts";
import type { Shell } from "./shell.ts";
import type { Transcript } from "./transcript.ts";

const TOOL = "Bash";
const SHOWN_LINES = 4;
const RESULT_LIMIT = 30_000;

/** The open permission dialog. */
export interface Dialog {
  command: string;
  selected: 0 | 1;
  /** Unix ms. */
  openedAt: number;
  answer(yes: boolean): void;
}

export interface ToolOptions {
  shell: Shell;
  hooks: Hooks;
  record: SessionRecord;
  transcript: Transcript;
  /** How long nobody has typed, in ms. */
  quietFor(): number;
  dialogHoldMs: number;
}

export interface ToolUse {
  /** Open the permission dialog first. */
  ask: boolean;
  signal: AbortSignal;
  take(event: HookEvent, outcome: HookOutcome): void;
  /** What the model reads as the result. */
  result(text: string): void;
}

/** The shell tool, with its hooks, its dialog and its lines on the screen. */
export class Tool {
  dialog: Dialog | null = null;
  #options: ToolOptions;

  constructor(options: ToolOptions) {
    this.#options = options;
  }

  /** True when the person said no: the turn ends. A killed command is a result like any other. */
  async use(command: string, use: ToolUse): Promise<boolean> {
    const { hooks, record, shell, transcript } = this.#options;
    const { signal } = use;
    const call = { tool_name: TOOL, tool_input: { command } };
    const id = randomUUID();
    transcript.answer(`${TOOL}(${command})`);
    record.calls(id, TOOL, command);
    const finish = (content: string, exitCode: number | null) => {
      record.transcript("tool_result", { toolUseId: id, content, exitCode });
      use.result(content);
    };

    const before = await hooks.run("PreToolUse", call, signal);
    use.take("PreToolUse", before);
    if (before.block !== undefined) {
      transcript.note(`Refused by a hook: ${before.block}`);
      finish(`Refused by a hook: ${before.block}`, null);
      return false;
    }
    if (use.ask && !signal.aborted && !(await this.#permitted(command, signal))) {
      finish("The user did not allow this command.", null);
      return true;
    }
    if (signal.aborted) {
      finish("Interrupted by the user.", null);
      return false;
    }
    const { code, stdout, stderr } = await shell.run(command, { signal });
    const output = head(
      [stdout, stderr]
        .map((s) => s.trimEnd())
        .filter(Boolean)
        .join("\n"),
      RESULT_LIMIT,
    );
    const failed = code === 0 ? "" : signal.aborted ? "Interrupted" : `Exit code ${code}`;
    const content = [failed, output].filter(Boolean).join("\n") || "(no output)";
    transcript.note(shorten(content));
    finish(content, code);
    if (signal.aborted) return false;
    const tool_response = { stdout, stderr, exitCode: code, interrupted: false };
    use.take("PostToolUse", await hooks.run("PostToolUse", { ...call, tool_response }, signal));
    return false;
  }

  async #permitted(command: string, signal: AbortSignal): Promise<boolean> {
    const { hooks, record, transcript } = this.#options;
    await this.#untilQuiet(signal);
    if (signal.aborted) return false;
    const call = { tool_name: TOOL, tool_input: { command } };
    const yes = await new Promise<boolean>((answer) => {
      const dialog: Dialog = { command, selected: 0, openedAt: Date.now(), answer };
      this.dialog = dialog;
      record.status("waiting", "permission prompt");
      transcript.changed();
      signal.addEventListener("abort", () => answer(false), { once: true });
      // A person may be faster than the hook, whose word then counts for nothing.
      void hooks.run("PermissionRequest", call).then(({ permission }) => {
        if (permission) answer(permission === "allow");
      });
    });
    this.dialog = null;
    record.status("busy");
    transcript.changed();
    return yes;
  }

  /** Real agents hold a dialog back while somebody types, so that a key meant for text is not an answer. */
  async #untilQuiet(signal: AbortSignal): Promise<void> {
    const { dialogHoldMs, quietFor } = this.#options;
    const latest = Date.now() + 3 * dialogHoldMs;
    while (!signal.aborted && Date.now() < latest && quietFor() < dialogHoldMs) {
      await wait(Math.min(20, dialogHoldMs));
    }
  }
}

function shorten(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= SHOWN_LINES + 1) return text;
  return [...lines.slice(0, SHOWN_LINES), `… +${lines.length - SHOWN_LINES} lines`].join("\n");
}
