import type { Session } from "../domain/agent.ts";
import {
  type Budget,
  type Level,
  LIMITS,
  type Limit,
  levelOf,
  type Share,
  sayShare,
  tightest,
} from "../domain/budget.ts";
import type { Spent } from "../domain/costs.ts";
import { dueAfter } from "../domain/delivery.ts";
import { tokensOf } from "../domain/usage.ts";
import type { Store } from "../ports/store.ts";
import { type CostTools, countCosts } from "./count-costs.ts";
import { listRuns } from "./runs.ts";
import type { NewsTools } from "./tell-news.ts";

export interface BudgetTools extends NewsTools {
  owner: string;
  now: () => number;
  /** Budget and prices as they stand in the config now. */
  costs: () => Promise<CostTools & { budget: Budget }>;
}

const KINDS = { under: "budget.under", near: "budget.near", over: "budget.over" } as const;
const LEASE = "budget";
const LEASE_MS = 60_000;
const ALL = 1_000_000;

/**
 * Looks what every running agent has used, and writes down who passed a limit or came near it: the
 * event is what keeps letters from waking it (`overBudget`). Nothing is ended. A person is told
 * once of each. One process at a time; another that looks meanwhile has nothing to add.
 */
export async function guardBudget(tools: BudgetTools): Promise<void> {
  const { store, owner, now } = tools;
  const costs = await tools.costs();
  const isSet = LIMITS.some((limit) => costs.budget[limit] !== undefined);
  const live = store.sessions.live();
  const isKnown = live.some(({ agent }) => levelKind(store, agent) !== KINDS.under);
  if (live.length === 0 || !(isSet || isKnown)) return;
  if (!store.leases.take(LEASE, owner, now() + LEASE_MS)) return;
  try {
    const calls = isSet ? (await countCosts(costs)).calls : [];
    for (const { agent } of live) {
      const share = tightest(isSet ? sharesOf(tools, costs.budget, agent, calls) : []);
      await turn(tools, agent, share ? levelOf(share, costs.budget.warnAt) : "under", share);
    }
  } finally {
    store.leases.release(LEASE, owner);
  }
}

const told = (store: Store, agent: string) => store.events.lastOf(agent, Object.values(KINDS));
const levelKind = (store: Store, agent: string) => told(store, agent)?.kind ?? KINDS.under;

/** The present run is the open one; while none is, what came after the last one. */
function sharesOf(
  { store }: BudgetTools,
  budget: Budget,
  agent: Session["agent"],
  calls: readonly Spent[],
): Share[] {
  const run = listRuns(store).at(-1);
  const since = run?.endedAt ?? run?.startedAt ?? 0;
  const task = store.agents.get(agent)?.task ?? null;
  const present = calls.filter(({ at }) => at >= since);
  const own = present.filter((call) => call.agent === agent);
  const usd = (some: readonly Spent[]) => some.reduce((sum, call) => sum + (call.usd ?? 0), 0);
  const used: Record<Limit, { of: string; used: number } | undefined> = {
    usdPerAgent: { of: agent, used: usd(own) },
    tokensPerAgent: { of: agent, used: own.reduce((sum, call) => sum + tokensOf(call), 0) },
    usdPerTask:
      task === null
        ? undefined
        : { of: `task ${task}`, used: usd(calls.filter((call) => call.task === task)) },
    usdPerRun: { of: run ? `run ${run.id}` : "the team", used: usd(present) },
  };
  return LIMITS.flatMap((limit) => {
    const [most, share] = [budget[limit], used[limit]];
    return most === undefined || !share ? [] : [{ limit, most, ...share }];
  });
}

/** Only a change is an event, and news; what is below its limit again lets its letters go. */
async function turn(
  tools: BudgetTools,
  agent: string,
  level: Level,
  share: Share | undefined,
): Promise<void> {
  const { store, notify, now } = tools;
  const before = levelKind(store, agent);
  const isSame = level !== "over" || isAbout(told(store, agent)?.data, share);
  if (KINDS[level] === before && isSame) return;
  const isTold = wasTold(tools, level, share);
  store.events.add(KINDS[level], { agent, data: share });
  if (level === "over") {
    const queued = store.mail.queued(agent, ALL).map(({ seq }) => seq);
    store.mail.hold(agent, queued, "over_budget", dueAfter("over_budget", now()));
  } else if (before === KINDS.over) {
    store.mail.unhold(agent);
    return;
  }
  if (level === "under" || !share || isTold) return;
  const kind = level === "over" ? "over_budget" : "near_budget";
  await notify({ kind, agent, detail: sayShare(share) });
}

function isAbout(data: string | null | undefined, share: Share | undefined): boolean {
  const { limit, of, most }: Partial<Share> = JSON.parse(data ?? "{}");
  return limit === share?.limit && of === share?.of && most === share?.most;
}

/** Agents of one task or run pass its limit together: that is one piece of news. */
const wasTold = ({ store }: BudgetTools, level: Level, share: Share | undefined): boolean =>
  store.sessions.live().some(({ agent }) => {
    const last = told(store, agent);
    return last?.kind === KINDS[level] && isAbout(last.data, share);
  });
