import type { DialogOption } from "../../domain/dialog.ts";

const NUMBERED = /^(\d+)\. (.*)$/;
/** Frames that programs draw around a dialog. */
const FRAME = /[│┃▌╭╮╰╯─]/g;

/**
 * The options of a dialog: the rows whose words begin in the same column as those behind the
 * marker of the selected one. Numbered options may have other rows between them, as a
 * description; the others stand together. Empty when no row has the marker.
 */
export function readOptions(lines: readonly string[], marker: string): DialogOption[] {
  const rows = lines.map((line) => line.replace(FRAME, " ").replaceAll("\u00a0", " "));
  const at = rows.findLastIndex((row) => row.trimStart().startsWith(`${marker} `));
  if (at === -1) return [];
  const column = rows[at]!.indexOf(marker) + marker.length + 1;
  const label = (row: string, i: number): string | undefined => {
    const before = i === at ? "" : row.slice(0, column).trim();
    const text = row.slice(column);
    return before === "" && /^\S/.test(text) ? text.trim() : undefined;
  };
  const labels = rows.map(label);
  const option = (text: string, i: number) => ({ label: text, selected: i === at });
  if (NUMBERED.test(labels[at] ?? "")) {
    const numbered = labels.flatMap((text, i) => {
      const match = text === undefined ? null : NUMBERED.exec(text);
      return match ? [{ ...option(match[2]!, i), n: Number(match[1]), i }] : [];
    });
    // Only the run of 1, 2, 3 … that holds the selected row: text above may be numbered too.
    const start = numbered.findLastIndex(({ n, i }) => n === 1 && i <= at);
    const run = numbered.slice(Math.max(0, start)).filter(({ n }, k) => n === k + 1);
    return run.map(({ label, selected }) => ({ label, selected }));
  }
  let first = at;
  let last = at;
  while (labels[first - 1] !== undefined) first--;
  while (labels[last + 1] !== undefined) last++;
  return labels.slice(first, last + 1).map((text, k) => option(text!, first + k));
}
