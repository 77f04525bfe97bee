import type { PaneRef } from "../domain/agent.ts";
import type { Guard, Refusal } from "../ports/terminal.ts";
import { and, is, parseFacts, samePane, shows } from "./tmux-facts.ts";

/** This pane of this server, whatever is in it. */
export const identity = (ref: PaneRef) => [
  is("pid", ref.serverPid),
  is("start_time", ref.serverStart),
  is("pane_pid", ref.panePid),
];

/**
 * True only for this pane of this server, with our mark, alive, with the agent in front and its
 * cursor where it was.
 */
export function guardFormat(ref: PaneRef, guard: Guard): string {
  const tests = [
    ...identity(ref),
    is("@ov_session", ref.mark),
    is("pane_dead", 0),
    is("pane_input_off", 0),
    is("pane_synchronized", 0),
    `#{m/r:^(${guard.commands.join("|")})$,#{pane_current_command}}`,
  ];
  if (!guard.leaveMode) tests.push(is("pane_in_mode", 0));
  const { cursor } = guard;
  if (cursor) tests.push(is("cursor_x", cursor.x), is("cursor_y", cursor.y));
  if (cursor?.row) tests.push(shows(cursor.row));
  return and(tests);
}

/** Why that was not true, by the line of `FIELDS` that the pane answered. */
export function refusalOf(ref: PaneRef, guard: Guard, line: string): Refusal {
  const facts = parseFacts(line);
  if (!samePane(ref, facts) || facts.dead) return "pane_gone";
  if (facts.inputOff) return "input_off";
  if (facts.synchronized) return "panes_synchronized";
  if (facts.inMode && !guard.leaveMode) return "pane_mode";
  return guard.commands.includes(facts.command) ? "screen_changed" : "not_the_agent";
}
