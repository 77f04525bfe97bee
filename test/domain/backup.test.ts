import { describe, expect, test } from "vitest";
import { type Backup, toKeep } from "../../src/domain/backup.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-27T12:30:00Z");
const made = (hoursAgo: number, schema = 11, size = 100): Backup => {
  const at = NOW - hoursAgo * HOUR;
  return { path: `${hoursAgo}-${schema}`, schema, at, size };
};
const kept = (backups: Backup[], most = Number.POSITIVE_INFINITY) =>
  toKeep(backups, NOW, most).map(({ path }) => path);

describe("of the backups", () => {
  test("the last three stay, however close they are", () => {
    const all = [0.1, 0.2, 0.3, 0.4].map((hours) => made(hours));
    expect(kept(all)).toEqual(["0.1-11", "0.2-11", "0.3-11"]);
  });

  test("one an hour stays for a day, the last of its hour", () => {
    const all = Array.from({ length: 4 * 12 }, (_, n) => made(n / 4));
    expect(kept(all).slice(3)).toHaveLength(12);
    expect(kept(all)[3]).toBe("0.75-11");
  });

  test("one a day stays for a week, and none longer", () => {
    const all = Array.from({ length: 24 * 30 }, (_, n) => made(n));
    const days = toKeep(all, NOW, Number.POSITIVE_INFINITY).filter(
      ({ at }) => NOW - at > 24 * HOUR,
    );
    expect(days).toHaveLength(7 - 1);
    expect(NOW - days.at(-1)!.at).toBeLessThan(7 * 24 * HOUR);
  });

  test("the last of an older schema stays, so that one can go back", () => {
    expect(kept([made(0), made(1), made(2), made(500, 10), made(600, 10)])).toContain("500-10");
  });

  test("they take no more than the limit, and the newest stays always", () => {
    const all = [0, 1, 2, 3, 4].map((hours) => made(hours));
    expect(kept(all, 250)).toEqual(["0-11", "1-11"]);
    expect(kept(all, 1)).toEqual(["0-11"]);
  });
});
