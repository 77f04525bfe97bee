import { AppError } from "./errors.ts";
import { cleanBody } from "./text.ts";

export type Json = null | boolean | number | string | Json[] | { [field: string]: Json };
export type JsonObject = { [field: string]: Json };

const BYTES = 16 * 1024;
const DEPTH = 32;

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An own field: `__proto__` and `constructor` are names like any other. */
export const field = (value: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? value[name] : undefined;

/** Texts without what a terminal would obey, fields in order, so that equal values have one text. */
export function cleanJson(value: unknown, depth = 0): Json {
  if (depth > DEPTH) throw new AppError("usage", `the value is nested deeper than ${DEPTH} levels`);
  if (typeof value === "string") return cleanBody(value);
  if (typeof value === "number") return checkNumber(value);
  if (value === null || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, depth + 1));
  const fields = Object.entries(value as object).map(
    ([name, item]) => [cleanBody(name), cleanJson(item, depth + 1)] as const,
  );
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** JSON texts hold numbers that a double cannot: these would come back as others. */
function checkNumber(value: number): number {
  const isKept =
    Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (isKept) return Object.is(value, -0) ? 0 : value;
  const hint = 'write it as a text: "12345678901234567890"';
  throw new AppError("usage", "the value has a number that is too large to be kept exactly", hint);
}

/** A value as it is stored. Throws `usage` above 16 KB. */
export function checkValue(value: unknown): Json {
  const clean = cleanJson(value);
  const bytes = new TextEncoder().encode(JSON.stringify(clean)).length;
  if (bytes <= BYTES) return clean;
  const hint = "keep it in a file, and the file's name here";
  throw new AppError("usage", `the value has ${bytes} bytes; ${BYTES} are allowed`, hint);
}

/** Throws `usage` for what is no JSON. */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `${what} is no JSON: ${cleanBody(why)}`;
    throw new AppError("usage", message, undefined, { cause });
  }
}

/** Of values that `cleanJson` has put in order; `undefined` is a value that is not there. */
export const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
