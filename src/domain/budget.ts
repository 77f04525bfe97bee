import * as z from "zod/mini";
import { sayTokens, sayUsd } from "./costs.ts";

const usd = z.optional(z.number().check(z.positive()));

/** What may be spent; a limit that is left out is none. USD, or tokens. */
export const budgetShape = z.strictObject({
  /** Of one agent in the present run. */
  usdPerAgent: usd,
  tokensPerAgent: z.optional(z.int().check(z.positive())),
  /** Of all agents on a task, ever. */
  usdPerTask: usd,
  /** Of all agents in the present run. */
  usdPerRun: usd,
  /** The share of a limit at which a person is told. */
  warnAt: z._default(z.number().check(z.positive(), z.maximum(1)), 0.8),
});
export type Budget = z.infer<typeof budgetShape>;
export type Limit = Exclude<keyof Budget, "warnAt">;
export const LIMITS: readonly Limit[] = [
  "usdPerAgent",
  "tokensPerAgent",
  "usdPerTask",
  "usdPerRun",
];

/** How much of one limit is used. */
export interface Share {
  limit: Limit;
  /** Whose: an agent's name, a task or `run 3`. */
  of: string;
  used: number;
  most: number;
}

export type Level = "under" | "near" | "over";

export function levelOf({ used, most }: Share, warnAt: number): Level {
  if (used >= most) return "over";
  return used >= warnAt * most ? "near" : "under";
}

/** The share that is used up most. */
export const tightest = (shares: readonly Share[]): Share | undefined =>
  shares.toSorted((a, b) => b.used / b.most - a.used / a.most)[0];

/** `bo has used $5.02 of $5.00 (budget.usdPerAgent)`. */
export function sayShare({ limit, of, used, most }: Share): string {
  const say = limit === "tokensPerAgent" ? (n: number) => `${sayTokens(n)} tokens` : sayUsd;
  return `${of} has used ${say(used)} of ${say(most)} (budget.${limit})`;
}

/** What a person can type next. */
export function adviceFor({ limit }: Share): string {
  const raise = `raise budget.${limit} in .overture/config.yaml`;
  return limit === "usdPerTask" ? raise : `${raise}, or begin a new run: ov run complete`;
}
