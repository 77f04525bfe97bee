import kleur from "kleur";
import { clip, columns } from "../domain/columns.ts";

const GAP = 2;
/** A column is not cut below this, nor below its heading. */
const LEAST = 8;

/** Columns of the terminal, or as $COLUMNS says; nothing is cut where neither is known. */
export function terminalWidth(): number {
  const { stdout, env } = process;
  const told = stdout.isTTY ? stdout.columns : Number(env.COLUMNS);
  return Number.isInteger(told) && told > 0 ? told : Number.POSITIVE_INFINITY;
}

/** A line of a list, cut at the terminal's edge. */
export const toWidth = (line: string): string => clip(line, terminalWidth());

/** Columns as wide as their widest cell, cut to the terminal; trailing blanks are cut too. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const all = [head.map((cell) => kleur.dim(cell)), ...rows];
  const natural = head.map((_, i) => Math.max(...all.map((row) => columns(row[i] ?? ""))));
  const widths = shrink(natural, head, width - GAP * (head.length - 1));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => {
        const shown = clip(cell, widths[i]!);
        return shown + " ".repeat(widths[i]! - columns(shown));
      })
      .join(" ".repeat(GAP));
  return all.map((row) => line(row).trimEnd()).join("\n");
}

/**
 * The last column gives way first, then the widest of the others; the first one, which names the
 * row, only where nothing else is left to give.
 */
function shrink(natural: readonly number[], head: readonly string[], room: number): number[] {
  const widths = [...natural];
  const least = (i: number) => Math.min(natural[i]!, Math.max(LEAST, columns(head[i]!)));
  const over = () => widths.reduce((sum, one) => sum + one, 0) - room;
  const give = (i: number, most: number) => {
    widths[i] = Math.max(least(i), widths[i]! - Math.max(0, most));
  };
  const last = widths.length - 1;
  if (last > 0) give(last, over());
  for (const from of [1, 0]) {
    while (over() > 0) {
      const able = widths.map((_, i) => i).filter((i) => i >= from && widths[i]! > least(i));
      const widest = able.toSorted((a, b) => widths[b]! - widths[a]!)[0];
      if (widest === undefined) break;
      give(widest, 1);
    }
  }
  return widths;
}

const COLORS: Record<string, (text: string) => string> = {
  idle: kleur.green,
  busy: kleur.cyan,
  compacting: kleur.cyan,
  starting: kleur.cyan,
  waiting: kleur.yellow,
  error: kleur.red,
  dead: kleur.red,
  exited: kleur.red,
  unknown: kleur.magenta,
  stopped: kleur.dim,
};

export const colorState = (state: string): string => (COLORS[state] ?? String)(state);
