import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { ScreenReading } from "../../src/ports/runtime.ts";

/** A reading in the words that delivery uses: `composer busy draft`. */
export function wordsOf(reading: ScreenReading): string {
  const words = [
    reading.focus,
    reading.busy && "busy",
    reading.draft !== "" && "draft",
    reading.error && "error",
    reading.compacting && "compacting",
  ];
  return words.filter(Boolean).join(" ");
}

/** Each captured frame of a folder has an expectation, and reads as it says. */
export function screensRead(
  folder: string,
  expected: Record<string, string>,
  read: (name: string) => ScreenReading,
): void {
  test("every captured screen has an expectation", () => {
    const captured = readdirSync(folder).filter((file) => file.endsWith(".txt"));
    const names = captured.map((file) => file.replace(".txt", ""));
    expect(names.sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(Object.entries(expected))("the screen %s reads as %s", (name, words) => {
    expect(wordsOf(read(name))).toBe(words);
  });
}
