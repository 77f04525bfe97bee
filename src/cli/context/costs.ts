import { join } from "node:path";
import { readConfig } from "../../adapters/config-file.ts";
import { readPrices } from "../../adapters/prices.ts";
import { usageReader } from "../../adapters/runtimes/transcript.ts";
import { openMetrics } from "../../adapters/sqlite/metrics.ts";
import { AppError } from "../../domain/errors.ts";
import type { Prices } from "../../domain/price.ts";
import type { MetricsStore } from "../../ports/metrics.ts";
import type { CostTools } from "../../usecases/count-costs.ts";
import type { BudgetTools } from "../../usecases/guard-budget.ts";
import type { Context } from "../context.ts";

/** Loaded by the verbs that ask for it, so that a hook never carries it. */
export async function costTools(context: Context): Promise<CostTools> {
  const { costs } = await context.config();
  const prices = { own: costs.prices, list: readPrices(join(context.templates, "prices.yaml")) };
  return { store: context.store, usage: usageReader(), prices };
}

/**
 * For the carrier, which lives long: the transcripts are read on, the config is read anew at each
 * look. While it is being written and is no config, the one before counts.
 */
export async function budgetCosts(context: Context): Promise<BudgetTools["costs"]> {
  const { store, project } = context;
  const usage = usageReader();
  let list: Prices | undefined;
  let config = await context.config();
  return async () => {
    try {
      config = readConfig(project.config);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
    const { budget, costs } = config;
    return {
      ...{ store, usage, budget },
      // Where no limit is set, nobody asks for a price, and nobody waits for it to be read.
      get prices() {
        list ??= readPrices(join(context.templates, "prices.yaml"));
        return { own: costs.prices, list };
      },
    };
  };
}

export async function withMetrics<T>(
  context: Context,
  work: (metrics: MetricsStore) => T | Promise<T>,
): Promise<T> {
  const metrics = openMetrics(context.project.database);
  try {
    return await work(metrics);
  } finally {
    metrics.close();
  }
}
