import type { PaneRef } from "../domain/agent.ts";
import type { Guard, Refusal } from "../ports/terminal.ts";
import { and, is, lineOf, parseFacts, samePane, standsIn } from "./tmux-facts.ts";

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
  if (cursor?.row) tests.push(lineOf(cursor.row.text));
  return and(tests);
}

/** One word of a tmux command, whatever it holds. */
export const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * `write` where the row stands on its very line, else `refuse`. tmux finds the first line that
 * reads so; leftovers of a resize may stand above, then copy mode reads the line itself. It is left
 * in the same step, so that nobody sees it.
 */
export function onItsLine(ref: PaneRef, guard: Guard, write: string, refuse: string): string {
  const { row, y } = guard.cursor ?? {};
  if (row === undefined || y === undefined) return write;
  const at = `-F -t ${ref.pane}`;
  const mode = (flag: string) => `copy-mode ${flag}-t ${ref.pane}`;
  const up = y - row.y;
  const move = `send-keys -t ${ref.pane} -X -N ${Math.abs(up)} cursor-${up < 0 ? "down" : "up"}`;
  const leave = (then: string) => quote(`${mode("-q ")} ; ${then}`);
  const read = [
    ...[mode("-q "), mode(""), ...(up === 0 ? [] : [move])],
    `if-shell ${at} ${quote(standsIn(row.text))} ${leave(write)} ${leave(refuse)}`,
  ].join(" ; ");
  const isFirst = `#{==:${lineOf(row.text)},${row.y + 1}}`;
  return `if-shell ${at} ${quote(isFirst)} ${quote(write)} ${quote(read)}`;
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
