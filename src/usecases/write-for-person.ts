import { AppError } from "../domain/errors.ts";
import type { Refusal } from "../ports/terminal.ts";
import type { Observation, TeamTools } from "./observe-agent.ts";

/** What a person asks to be written to an agent: keys and commands that no delivery ever sends. */

export const WHY: Record<Refusal, string> = {
  pane_gone: "its pane is gone",
  pane_mode: "its pane is in copy mode",
  input_off: "input to its pane is switched off",
  panes_synchronized: "its window's panes are synchronized",
  not_the_agent: "another program has the pane",
  input_unread: "its program does not read its input",
  screen_changed: "its screen does not stand still",
};

export const refusedKey = ({ session }: Pick<Observation, "session">, refusal: Refusal): AppError =>
  new AppError(
    refusal === "input_unread" ? "timeout" : "refused",
    `nothing was written to ${session.agent}: ${WHY[refusal]}`,
    `look: ov peek ${session.agent}`,
  );

const SGR = /\x1b\[[0-9;:]*m/g;

/** The visible rows as plain text. */
export async function wholeScreen({ terminal }: TeamTools, seen: Observation): Promise<string[]> {
  const frame = (await terminal.look([seen.session.pane]))[0]?.frame;
  return (frame?.lines ?? []).map((line) => line.replace(SGR, "").trimEnd());
}

export const count = (lines: readonly string[], pattern: RegExp): number =>
  lines.filter((line) => pattern.test(line)).length;
