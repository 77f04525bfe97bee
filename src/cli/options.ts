import { InvalidArgumentError, Option } from "commander";
import { AppError, unknownWord } from "../domain/errors.ts";

export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("write a whole number above 0");
  }
  return value;
}

export function natural(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError("write a whole number, 0 or more");
  }
  return value;
}

/** More at once is for nobody to read, and costs memory; what was cut off is said. */
export const LIMIT_MAX = 1_000;

export const limitOption = (initial?: number): Option => {
  const option = new Option("--limit <n>", `at most this many, up to ${LIMIT_MAX}`).argParser(
    (text) => Math.min(positive(text), LIMIT_MAX),
  );
  return initial === undefined ? option : option.default(initial);
};

export function oneOf<T extends string>(what: string, word: string, known: readonly T[]): T {
  if ((known as readonly string[]).includes(word)) return word as T;
  const { message, hint } = unknownWord(what, word, known);
  throw new AppError("usage", message, hint);
}
