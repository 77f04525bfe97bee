import kleur from "kleur";
import { type CostRow, type CostsBy, sayCost, sayTokens } from "../../../domain/costs.ts";
import { tokensOf } from "../../../domain/usage.ts";
import type { Spending } from "../../../usecases/count-costs.ts";
import { table } from "../../table.ts";

/** Tenths of a millionth of a dollar are noise of the sum. */
const exact = (usd: number | null) => (usd === null ? null : Math.round(usd * 1e8) / 1e8);

export const costJson = ({ key, usd, tokens, ...rest }: CostRow) => ({
  key,
  ...rest,
  tokens: { ...tokens, total: tokensOf(tokens) },
  usd: exact(usd),
});

const cells = (name: string, { sessions, calls, tokens, ...cost }: CostRow): string[] => [
  name,
  String(sessions),
  String(calls),
  sayTokens(tokens.input),
  sayTokens(tokens.cacheRead),
  sayTokens(tokens.cacheWrite + tokens.cacheWrite1h),
  sayTokens(tokens.output),
  sayCost(cost),
];

export function costTable(by: CostsBy, rows: readonly CostRow[], total: CostRow): string {
  const head = [by.toUpperCase(), "SESSIONS", "CALLS", "INPUT", "CACHE READ", "CACHE WRITE"];
  const body = rows.map((row) => cells(row.key === null ? "-" : String(row.key), row));
  const foot = rows.length > 1 ? [cells(kleur.bold("total"), total)] : [];
  return table([...head, "OUTPUT", "COST"], [...body, ...foot]);
}

/** What a reader must know before believing the sum. */
export function notes(total: CostRow, spending: Spending, noted: string | undefined): string[] {
  const { uncounted, broken } = spending;
  return [
    total.unpriced.length > 0
      ? `no price is known for ${total.unpriced.join(", ")}: set costs.prices in the config`
      : "",
    ...uncounted.map(({ agent, session, why }) => `not counted: ${agent} ${session}: ${why}`),
    broken > 0 ? `${broken} broken ${broken === 1 ? "line was" : "lines were"} skipped` : "",
    noted ? `list prices as noted ${noted}, a guess at your bill` : "",
  ].filter(Boolean);
}
