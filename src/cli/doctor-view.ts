import kleur from "kleur";
import { CATEGORIES, type Category, type Checked, type Finding } from "../domain/finding.ts";
import type { Diagnosis } from "../usecases/diagnose.ts";

const MARKS = {
  ok: kleur.green("ok   "),
  warn: kleur.yellow("warn "),
  fail: kleur.red("fail "),
  fixed: kleur.green("fixed"),
  skipped: kleur.dim("-    "),
};

/** One line for each category, its problems in detail, and a last line with the sum. */
export function diagnosisText({ checks, findings, done, undone }: Diagnosis): string {
  const categories = (Object.keys(CATEGORIES) as Category[]).filter((name) =>
    checks.some(({ category }) => category === name),
  );
  const width = Math.max(...categories.map((name) => name.length));
  const lines = categories.flatMap((name) => {
    const own = checks.filter(({ category }) => category === name);
    const wrong = findings.filter(({ category }) => category === name);
    return [heading(name.padEnd(width), own), ...wrong.flatMap(detail)];
  });
  return [
    ...lines,
    ...done.map((line) => `${MARKS.fixed} ${line}`),
    ...undone.map((line) => `${MARKS.fail} not fixed: ${line}`),
    summary(checks, findings),
  ].join("\n");
}

function heading(name: string, checks: readonly Checked[]): string {
  const looked = checks.filter(({ level }) => level !== "skipped");
  const level = (["fail", "warn"] as const).find((one) => looked.some((row) => row.level === one));
  const facts = [...new Set(looked.map(({ said }) => said).filter(Boolean))];
  facts.push(...skippedFor(checks));
  const mark = MARKS[level ?? (looked.length > 0 ? "ok" : "skipped")];
  return `${mark} ${kleur.bold(name)}  ${kleur.dim(facts.join(", "))}`.trimEnd();
}

/** `not looked at: 3, which need a store that is well`, one for each need. */
function skippedFor(checks: readonly Checked[]): string[] {
  const needs = checks.filter(({ level }) => level === "skipped").map(({ said }) => said);
  return [...new Set(needs)].map((need) => {
    const n = needs.filter((one) => one === need).length;
    return `not looked at: ${n}, which need${n === 1 ? "s" : ""} ${need}`;
  });
}

function detail({ id, level, what, evidence, fix, fixed }: Finding): string[] {
  const mark = fixed ? MARKS.fixed : MARKS[level];
  const text = (label: string, words: string) =>
    `            ${kleur.dim(label)} ${words.replaceAll("\n", "\n                 ")}`;
  const head = `      ${mark} ${what} ${kleur.dim(`(${id})`)}`;
  return fixed ? [head] : [head, text("seen", evidence), text("fix ", fix)];
}

function summary(checks: readonly Checked[], findings: readonly Finding[]): string {
  const looked = checks.filter(({ level }) => level !== "skipped").length;
  const left = findings.filter(({ fixed }) => !fixed);
  const count = (level: string) => left.filter((one) => one.level === level).length;
  const parts = [
    count("fail") && kleur.red(`${count("fail")} failed`),
    count("warn") && kleur.yellow(`${count("warn")} to know`),
    findings.length - left.length && `${findings.length - left.length} fixed`,
  ].filter(Boolean);
  return `${looked} checks: ${parts.join(", ") || "all well"}`;
}
