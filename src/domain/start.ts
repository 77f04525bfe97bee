import type { Agent, Session } from "./agent.ts";
import type { Dialog } from "./dialog.ts";
import { AppError } from "./errors.ts";
import { shellWord } from "./text.ts";

/** What a person can do about a dialog that keeps an agent waiting. */
export interface OpenDialog {
  subject: string;
  /** Their labels, as they are shown; empty for one that takes text. */
  options: string[];
  /** The command that chooses the first option that goes on, to be typed as it stands. */
  answer: string;
}

/** How the start of a program came out. */
export type Start =
  | { is: "up"; detail: string }
  | { is: "dialog"; dialog: OpenDialog; left: string | undefined }
  | { is: "not_ready"; detail: string }
  | { is: "ended"; detail: string; lines: string[] };

const REFUSES = /^(no|not|don't|do not|never|exit|quit|cancel|stop|deny|reject|skip)\b/i;

/** Double quotes where nothing in between means something to a shell. */
const quoted = (label: string) => (/["$`\\!]/.test(label) ? shellWord(label) : `"${label}"`);

const answerLine = (agent: string, label: string) => `ov answer ${agent} ${quoted(label)}`;

export function openDialog(agent: string, question: string, dialog?: Dialog): OpenDialog {
  const options = dialog?.options.map(({ label }) => label) ?? [];
  const goesOn = options.find((label) => !REFUSES.test(label)) ?? options[0];
  const answer = goesOn === undefined ? `ov attach ${agent}` : answerLine(agent, goesOn);
  return { subject: question, options, answer };
}

/** Undefined for an agent that is up; else what its start failed with, for the exit code. */
export function failureOf(agent: string, start: Start): AppError | undefined {
  switch (start.is) {
    case "up":
      return undefined;
    case "dialog": {
      const { subject, answer } = start.dialog;
      return new AppError("held", `${agent} waits at a dialog: ${subject}`, answer);
    }
    case "not_ready":
      return new AppError(
        "timeout",
        `${agent} was started and is not ready: ${start.detail}`,
        `look: ov peek ${agent}; its state: ov explain ${agent}`,
      );
    case "ended": {
      const said = start.lines.length > 0 ? `\n${start.lines.join("\n")}` : "";
      return new AppError("refused", `${agent} did not start: ${start.detail}${said}`);
    }
  }
}

/** The same for a person, a line each. `kept`: what stays of a start that failed. */
export function linesOf(agent: string, start: Start, kept: readonly string[] = []): string[] {
  if (start.is === "up") return [];
  if (start.is !== "dialog") {
    const stays = kept.map((what) => `kept: ${what}`);
    return [failureOf(agent, start)!.message, ...stays];
  }
  const { subject, options, answer } = start.dialog;
  const choices = options.map((label) => `  ${answerLine(agent, label)}`);
  const how = choices.length > 0 ? ["answer it:", ...choices] : [`answer it: ${answer}`];
  const left = start.left === undefined ? [] : [`the answer of the settings failed: ${start.left}`];
  return [`${agent} waits at a dialog: ${subject}`, ...left, ...how];
}

/** What a start is about to make: all that is taken back when it fails, or is killed. */
export interface Made {
  agent: string;
  /** The agent as it was; null: there was none. */
  before: Agent | null;
  /** The id of the session to be. */
  session: string;
  /** The tmux server of its pane. */
  socket: string;
  /** The agent's folders of sessions that were there before. */
  folders: string[];
  /** Null: the start takes one that is there. */
  worktree: string | null;
  branch: { name: string; commit: string } | null;
  /** The session whose place it takes, as it stood. */
  prior: Pick<Session, "id" | "endedAt" | "ending"> | null;
  /** The letter that holds the first prompt of a program that takes none. */
  letter: string | null;
}
