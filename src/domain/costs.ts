import { costOf, type Prices, priceOf } from "./price.ts";
import { addTokens, type Call, NO_TOKENS, type Tokens, tokensOf } from "./usage.ts";

/** A call, and whose it was. */
export interface Spent extends Call {
  agent: string;
  /** Our session's id. */
  session: string;
  runtime: string;
  task: string | null;
  run: number | null;
  /** Undefined: it has no price. */
  usd: number | undefined;
}

export interface PriceLists {
  /** The person's, which count before all others. */
  own: Prices;
  list: Prices;
}

/** By the person's price, else by the program's own word, else by the list. */
export function usdOf(call: Call, { own, list }: PriceLists): number | undefined {
  const mine = priceOf(own, call.model);
  if (mine) return costOf(call, mine);
  if (call.told !== undefined) return call.told;
  const price = priceOf(list, call.model);
  return price && costOf(call, price);
}

/** When the oldest of the list's prices that were used was noted. */
export function notedOf(calls: readonly Call[], { own, list }: PriceLists): string | undefined {
  const models = calls.filter(({ told, model }) => told === undefined && !priceOf(own, model));
  const used = new Set(models.map(({ model }) => model));
  return [...used].flatMap((model) => priceOf(list, model)?.noted ?? []).toSorted()[0];
}

export const COSTS_BY = ["agent", "task", "run", "runtime", "model", "session"] as const;
export type CostsBy = (typeof COSTS_BY)[number];

export interface CostRow {
  /** Null: of no task, or of no run. */
  key: string | number | null;
  sessions: number;
  calls: number;
  tokens: Tokens;
  /** The sum of what has a price; null when nothing has. */
  usd: number | null;
  /** Models without a price. */
  unpriced: string[];
}

export function sumOf(key: CostRow["key"], calls: readonly Spent[]): CostRow {
  const priced = calls.flatMap(({ usd }) => usd ?? []);
  const unpriced = calls.filter(({ usd }) => usd === undefined).map(({ model }) => model);
  return {
    key,
    sessions: new Set(calls.map(({ session }) => session)).size,
    calls: calls.length,
    tokens: calls.reduce<Tokens>(addTokens, NO_TOKENS),
    usd: priced.length > 0 || calls.length === 0 ? priced.reduce((a, b) => a + b, 0) : null,
    unpriced: [...new Set(unpriced)].toSorted(),
  };
}

/** One row for each key, the dearest first. */
export function sumBy(calls: readonly Spent[], by: CostsBy): CostRow[] {
  const groups = new Map<CostRow["key"], Spent[]>();
  for (const call of calls) {
    const group = groups.get(call[by]);
    if (group) group.push(call);
    else groups.set(call[by], [call]);
  }
  return [...groups]
    .map(([key, group]) => sumOf(key, group))
    .sort((a, b) => (b.usd ?? 0) - (a.usd ?? 0) || tokensOf(b.tokens) - tokensOf(a.tokens));
}

export interface CostFilter {
  agent?: string | undefined;
  task?: string | undefined;
  run?: number | undefined;
  /** Not older than this (Unix ms). */
  since?: number | undefined;
}

export const chosen = (calls: readonly Spent[], filter: CostFilter): Spent[] =>
  calls.filter(
    ({ agent, task, run, at }) =>
      (filter.agent === undefined || filter.agent === agent) &&
      (filter.task === undefined || filter.task === task) &&
      (filter.run === undefined || filter.run === run) &&
      (filter.since === undefined || at >= filter.since),
  );

/** `$12.34`, and small sums with the digits that tell them from nothing. */
export function sayUsd(usd: number): string {
  return `$${usd > 0 && usd < 0.1 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

/** `$1.20`, `?` where nothing has a price, `$1.20 + ?` where some of it has none. */
export function sayCost({ usd, unpriced }: Pick<CostRow, "usd" | "unpriced">): string {
  if (usd === null) return "?";
  return unpriced.length > 0 ? `${sayUsd(usd)} + ?` : sayUsd(usd);
}

/** `950`, `12.3k`, `4.5M`. */
export function sayTokens(n: number): string {
  if (n < 1000) return String(n);
  if (n < 999_950) return `${(n / 1000).toFixed(1)}k`;
  return `${(n / 1_000_000).toFixed(1)}M`;
}
