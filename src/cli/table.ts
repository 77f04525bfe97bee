import kleur from "kleur";

const width = (text: string) => text.replace(/\x1b\[[0-9;]*m/g, "").length;

/** Columns as wide as their widest cell; trailing blanks are cut. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head.map((cell) => kleur.dim(cell)), ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => width(row[i] ?? ""))));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => cell + " ".repeat(widths[i]! - width(cell))).join("  ");
  return all.map((row) => line(row).trimEnd()).join("\n");
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
