import * as z from "zod/mini";
import { AppError } from "./errors.ts";
import { sayIssues } from "./issues.ts";
import { type Call, promptOf } from "./usage.ts";

const usd = z.number().check(z.nonnegative());
const rates = {
  input: usd,
  output: usd,
  cacheRead: z.optional(usd),
  cacheWrite: z.optional(usd),
  cacheWrite1h: z.optional(usd),
};
const above = z.strictObject({ tokens: z.int().check(z.positive()), ...rates });

/**
 * USD for a million tokens. Without a price of its own, what is read from or written to the cache
 * costs as input. `above`: what holds for a call whose prompt has more tokens than that.
 */
export const priceShape = z.strictObject({
  ...rates,
  above: z.optional(above),
  /** When it was looked up. */
  noted: z.optional(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/))),
});
export type Price = z.infer<typeof priceShape>;

/** By the beginning of a model's id. */
export type Prices = Readonly<Record<string, Price>>;

export const pricesShape = z.record(z.string().check(z.minLength(1)), priceShape);

/** Throws `usage` that names every wrong field. */
export function checkPrices(value: unknown, path: string): Prices {
  const result = pricesShape.safeParse(value);
  if (result.success) return result.data;
  throw new AppError("usage", `${path}: ${sayIssues(result.error.issues, "(file)")}`);
}

/** `gpt-5` is the beginning of `gpt-5-2026-01-01`, and not of `gpt-5.9` or `gpt-50`. */
const begins = (id: string, prefix: string) =>
  id.startsWith(prefix) && !/^[\w.]/.test(id.slice(prefix.length));

/** The price of the longest beginning of a model's id, which may stand behind its provider's name. */
export function priceOf(prices: Prices, model: string): Price | undefined {
  const ids = [model, model.slice(model.lastIndexOf("/") + 1)];
  const fits = Object.keys(prices).filter((prefix) => ids.some((id) => begins(id, prefix)));
  const longest = fits.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : prices[longest];
}

/** What a call costs in USD. */
export function costOf(call: Call, price: Price): number {
  const is = price.above && promptOf(call) > price.above.tokens ? price.above : price;
  const write = is.cacheWrite ?? is.input;
  const sum =
    call.input * is.input +
    call.cacheRead * (is.cacheRead ?? is.input) +
    call.cacheWrite * write +
    call.cacheWrite1h * (is.cacheWrite1h ?? write) +
    call.output * is.output;
  return sum / 1_000_000;
}
