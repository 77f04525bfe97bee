import type { PaneRef } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { RunResult } from "./process.ts";
import { and, GONE, is } from "./tmux-facts.ts";
import { identity, quote } from "./tmux-guard.ts";

/**
 * How long the program has another width. Shorter than this it may never notice: tmux 3.3a tells
 * a second resize after 250 ms, and OpenCode 1.18.33 looks at its size 100 ms after the last one.
 */
const NARROW_SECONDS = 1;
/** A pane of fewer columns is left as it is. */
const MIN_WIDTH = 3;

/**
 * Makes the program of a pane draw its whole screen, by a real change of its width. The pane's own
 * server gives the width back, so a caller that is killed leaves nothing behind. `resize-window`
 * sets the window's option `window-size` to `manual`; it gets back what it was.
 */
export async function redrawPane(
  ref: PaneRef,
  ask: (ref: PaneRef, args: string[]) => Promise<RunResult>,
): Promise<boolean> {
  const at = `-t ${ref.pane}`;
  const show = ["display-message", "-p", "-t", ref.pane, "#{window_width}", ";"];
  const option = ["show-options", "-w", "-v", "-t", ref.pane, "window-size"];
  const [first = "", own = ""] = (await ask(ref, [...show, ...option])).stdout.split("\n");
  const width = Number(first);
  if (!(width >= MIN_WIDTH)) return false;
  const test = and([
    ...identity(ref),
    is("@ov_session", ref.mark),
    is("pane_dead", 0),
    // A reader's place would move, and so would the panes beside it.
    is("pane_in_mode", 0),
    is("window_panes", 1),
    is("window_width", width),
  ]);
  const asBefore = own === "" ? "-u window-size" : `window-size ${own}`;
  const back = `resize-window ${at} -x ${width} ; set-option -w ${at} ${asBefore}`;
  // Whoever else has changed the width meanwhile keeps theirs. `run-shell -C` expands its text at once.
  const isOurs = is("window_width", width - 1).replaceAll("#", "##");
  const later = `if-shell -F ${at} ${quote(isOurs)} ${quote(back)}`;
  const steps = [
    `resize-window ${at} -x ${width - 1}`,
    `run-shell -b -d ${NARROW_SECONDS} -C ${quote(later)}`,
    `display-message -p ${at} OK`,
  ];
  const result = await ask(ref, ["if-shell", "-F", "-t", ref.pane, test, steps.join(" ; ")]);
  if (result.stdout.trim() === "OK") return true;
  if (result.code === 0 || GONE.test(result.stderr)) return false;
  throw new AppError("refused", `tmux: ${result.stderr.trim()}`);
}
