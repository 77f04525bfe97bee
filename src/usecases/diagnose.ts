import { AppError } from "../domain/errors.ts";
import {
  type Category,
  type Checked,
  type Finding,
  type Look,
  levelOf,
  type Problem,
  warns,
} from "../domain/finding.ts";
import { CHECKS } from "./doctor/checks.ts";
import type { Check, Need, Tools } from "./doctor/tools.ts";

/** What is there to ask; what is missing is left out. */
export type DoctorTools = Pick<Tools, "machine"> & Partial<Tools>;

export interface Diagnosis {
  checks: Checked[];
  findings: Finding[];
  /** What `--fix` did, a line each. */
  done: string[];
  /** What it could not do, and why. */
  undone: string[];
}

interface Case {
  category: Category;
  check: Check;
  look: Look | undefined;
  fixed: Problem[];
}

/**
 * Looks at everything, or at one category, side by side. With `fix`, what can be taken away is,
 * one after the other, and looked at again: only what is gone then counts as fixed.
 */
export async function diagnose(
  tools: DoctorTools,
  request: { category?: Category | undefined; fix?: boolean | undefined },
): Promise<Diagnosis> {
  const chosen = (Object.keys(CHECKS) as Category[]).filter(
    (category) => (request.category ?? category) === category,
  );
  const rows = chosen.flatMap((category) => CHECKS[category].map((check) => ({ category, check })));
  const cases = await Promise.all(
    rows.map(
      async (row): Promise<Case> => ({ ...row, look: await lookAt(tools, row.check), fixed: [] }),
    ),
  );
  const done: string[] = [];
  const undone: string[] = [];
  if (request.fix) for (const one of cases) await mend(tools, one, done, undone);
  return { checks: cases.map(told), findings: cases.flatMap(findings), done, undone };
}

/** Undefined where what it needs is not there. A look that fails is a problem of its own. */
async function lookAt(tools: DoctorTools, check: Check): Promise<Look | undefined> {
  const given = tools[check.needs];
  if (!given) return undefined;
  const look = check.look as (given: Tools[Need]) => Look | Promise<Look>;
  try {
    return await look(given);
  } catch (error) {
    const { message, hint } = wordsOf(error);
    const what = `${check.id} could not be looked at`;
    return { said: "", problems: [warns({ what, evidence: message, fix: hint })] };
  }
}

/** A doctor tells what went wrong, also where that is a bug. */
function wordsOf(error: unknown): { message: string; hint: string } {
  if (error instanceof AppError) return { message: error.message, hint: error.hint ?? "ov doctor" };
  const message = error instanceof Error ? error.message : String(error);
  return { message, hint: "this is a bug of Overture: please report it" };
}

/** Adds a line for each problem to what was done, or could not be. */
async function mend(
  tools: DoctorTools,
  one: Case,
  done: string[],
  undone: string[],
): Promise<void> {
  const { check, look } = one;
  const given = tools[check.needs];
  const wanted = look?.problems.filter(({ mendable }) => mendable) ?? [];
  if (!check.fix || !given || wanted.length === 0) return;
  const fix = check.fix as (given: Tools[Need], problem: Problem) => string | Promise<string>;
  for (const problem of wanted) {
    try {
      done.push(await fix(given, problem));
    } catch (error) {
      undone.push(`${problem.what}: ${wordsOf(error).message}`);
    }
  }
  one.look = await lookAt(tools, check);
  const left = new Set(one.look?.problems.map(({ about }) => about));
  one.fixed = wanted.filter(({ about }) => !left.has(about));
}

function told({ category, check, look }: Case): Checked {
  const { id } = check;
  if (!look) return { id, category, level: "skipped", said: NEEDS[check.needs] };
  return { id, category, level: levelOf(look.problems), said: look.said };
}

const NEEDS: Record<Need, string> = {
  machine: "nothing",
  project: "a project",
  config: "settings that can be read",
  store: "a store that is well",
};

function findings({ category, check: { id }, look, fixed }: Case): Finding[] {
  const say = (problem: Problem, isFixed: boolean): Finding => {
    const { level, what, evidence, fix } = problem;
    return { id, category, level, what, evidence, fix, fixed: isFixed };
  };
  return [
    ...fixed.map((problem) => say(problem, true)),
    ...(look?.problems ?? []).map((problem) => say(problem, false)),
  ];
}
