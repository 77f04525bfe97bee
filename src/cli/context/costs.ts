import { join } from "node:path";
import { readPrices } from "../../adapters/prices.ts";
import { usageReader } from "../../adapters/runtimes/transcript.ts";
import { openMetrics } from "../../adapters/sqlite/metrics.ts";
import type { MetricsStore } from "../../ports/metrics.ts";
import type { CostTools } from "../../usecases/count-costs.ts";
import type { Context } from "../context.ts";

/** Loaded by the verbs that ask for it, so that a hook never carries it. */
export async function costTools(context: Context): Promise<CostTools> {
  const { costs } = await context.config();
  const prices = { own: costs.prices, list: readPrices(join(context.templates, "prices.yaml")) };
  return { store: context.store, usage: usageReader(), prices };
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
