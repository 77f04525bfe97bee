import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import type { Checked, Finding } from "../../src/domain/finding.ts";
import { CHECKS } from "../../src/usecases/doctor/checks.ts";
import type { TeamRoom } from "../team-room.ts";

export interface Report {
  code: number;
  findings: Finding[];
  checks: Checked[];
  done: string[];
}

/** `ov doctor --json`, whatever it finds. */
export async function examine(room: TeamRoom, args: string[] = [], env = {}): Promise<Report> {
  const { code, stdout, stderr } = await room.ov(["doctor", "--json", ...args], {
    // Where a server of a trial that is left would be seen.
    env: { TMPDIR: room.base, ...env },
  });
  expect(stderr).toBe("");
  return { code, ...JSON.parse(stdout) };
}

export const idsOf = ({ findings }: Report): string[] => findings.map(({ id }) => id);

/** As an argument: all checks of this one's kind. */
function kindOf(id: string): string[] {
  const [kind] = Object.entries(CHECKS).find(([, rows]) => rows.some((row) => row.id === id))!;
  return ["--category", kind];
}

/** The only finding of its category, which is of this check. */
export async function only(room: TeamRoom, id: string, env = {}): Promise<Finding> {
  const report = await examine(room, kindOf(id), env);
  expect(report.findings).toMatchObject([{ id }]);
  expect(report.code).toBe(report.findings[0]!.level === "fail" ? 1 : 0);
  return report.findings[0]!;
}

/** `--fix` takes the finding away, says what it did, and the next run finds nothing. */
export async function isFixed(room: TeamRoom, id: string, env = {}): Promise<string[]> {
  const fixed = await examine(room, [...kindOf(id), "--fix"], env);
  expect(fixed.findings).toMatchObject([{ id, fixed: true }]);
  expect(fixed.code).toBe(0);
  expect((await examine(room, kindOf(id), env)).findings).toEqual([]);
  return fixed.done;
}

/** Changes the store behind the back of everybody. */
export function meddle(room: TeamRoom, sql: string, ...values: unknown[]): void {
  const db = new Database(join(room.root, ".overture", "overture.db"));
  db.prepare(sql).run(...values);
  db.close();
}

const TOOLS = ["node", "git", "tmux", "ps", "sh", "bash", "cat", "stty", "readlink", "sleep"];

/** A PATH of its own, with these programs in the place of the machine's; undefined: not there. */
export function pathWith(room: TeamRoom, own: Record<string, string | undefined>): string {
  const folder = join(room.base, `path-${Object.keys(own).join("-")}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(own)) {
    if (text !== undefined) writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
  for (const name of TOOLS.filter((tool) => !(tool in own))) {
    symlinkSync(whereIs(room, name), join(folder, name));
  }
  return folder;
}

export function whereIs(room: TeamRoom, name: string): string {
  const folders = (room.env.PATH ?? "").split(":").map((folder) => join(folder, name));
  const found = folders.find((path) => existsSync(path));
  if (!found) throw new Error(`no ${name} here`);
  return found;
}
