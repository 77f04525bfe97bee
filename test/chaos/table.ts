import type { Schedule } from "./schedule.ts";
import { PROMISES, type Verdict } from "./verdict.ts";

export interface Played {
  plan: Schedule;
  verdict: Verdict;
  ms: number;
}

/** One row a profile: how much was played, and how often each promise broke. */
export function rows(done: readonly Played[]): string[][] {
  const profiles = [...new Set(done.map(({ plan }) => plan.profile))];
  return profiles.map((profile) => {
    const own = done.filter(({ plan }) => plan.profile === profile);
    const seeds = own.map(({ plan }) => plan.seed);
    const sum = (of: "letters" | "again") => own.reduce((all, { verdict }) => all + verdict[of], 0);
    const counts = PROMISES.map(
      (promise) =>
        own.filter(({ verdict }) => verdict.broken.some((text) => text.startsWith(promise))).length,
    );
    const range = `${Math.min(...seeds)}-${Math.max(...seeds)}`;
    return [profile, range, own.length, sum("letters"), sum("again"), ...counts].map(String);
  });
}

export function print(done: readonly Played[], ms: number): void {
  const table = [["profile", "seeds", "schedules", "letters", "again", ...PROMISES], ...rows(done)];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  for (const row of table) console.log(row.map((cell, i) => cell.padEnd(widths[i]!)).join("  "));
  const left = done.reduce((all, { verdict }) => all + (verdict.left ?? 0), 0);
  if (left > 0) console.log(`${left} acts were not played: no namespaces of its own here`);
  const failed = done.filter(({ verdict }) => verdict.broken.length > 0).length;
  const rate = Math.round(done.length / (ms / 60_000));
  const times = done.map((played) => played.ms).toSorted((a, b) => a - b);
  const at = (part: number) => times[Math.floor((times.length - 1) * part)] ?? 0;
  console.log(`a schedule in its lane: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, longest ${at(1)} ms`);
  console.log(
    `${done.length} schedules in ${Math.round(ms / 1000)} s, ${rate} a minute, ${failed} failed`,
  );
}
