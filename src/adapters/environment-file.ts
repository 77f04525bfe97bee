import { join } from "node:path";
import type { Variables } from "../domain/environment.ts";
import { listIfThere, readIfThere } from "./files.ts";
import { quote } from "./quote.ts";

/** Beside a session's launch script: what is kept for restarts, and what its start takes away. */
export const KEPT = "environment";
export const ONCE = "environment.once";

export const printVariables = (variables: Variables): string =>
  Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quote(value)}\n`)
    .join("");

const LINE = /^export (\w+)=((?:'[^']*'|\\')*)$/gm;

export function parseVariables(text: string): Record<string, string> {
  const entries = [...text.matchAll(LINE)].map(([, name, words]) => [
    name!,
    words!.replace(/'([^']*)'|\\'/g, (_, inside: string | undefined) => inside ?? "'"),
  ]);
  return Object.fromEntries(entries);
}

/** What is kept in a session's folder; undefined where an older Overture started it. */
export function keptIn(dir: string): Record<string, string> | undefined {
  const text = readIfThere(join(dir, KEPT));
  return text === undefined ? undefined : parseVariables(text);
}

/** What was kept of an agent's newest start; `home` is the project's own folder. */
export function lastKept(home: string, agent: string): Record<string, string> | undefined {
  const folder = join(home, "agents", agent);
  const generations = listIfThere(folder)
    .filter((name) => /^\d+(\.\d+)?$/.test(name))
    .toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  for (const name of generations) {
    const kept = keptIn(join(folder, name));
    if (kept) return kept;
  }
  return undefined;
}
