import type { Session } from "../domain/agent.ts";
import { type PriceLists, type Spent, usdOf } from "../domain/costs.ts";
import { isIn } from "../domain/run.ts";
import type { Call } from "../domain/usage.ts";
import type { Store } from "../ports/store.ts";
import type { ReadUsage } from "../ports/usage.ts";
import { listRuns } from "./runs.ts";

export interface CostTools {
  store: Store;
  usage: ReadUsage;
  prices: PriceLists;
}

/** A session that was counted in part or not at all. */
export interface Uncounted {
  agent: string;
  session: string;
  why: string;
}

export interface Spending {
  /** Each once, in no order. */
  calls: Spent[];
  uncounted: Uncounted[];
  /** Lines of transcripts that could not be read. */
  broken: number;
}

export interface Told {
  session: Session;
  task: string | null;
  /** All that it ever had: `/clear` begins a new one. */
  transcripts: Set<string>;
}

const ALL = 1_000_000;

/** Every session there was, with what the log tells of it, oldest first. */
export function toldSessions(store: Store): Told[] {
  const all = new Map<string, Told>();
  for (const { name, task } of store.agents.list()) {
    for (const session of store.sessions.all(name)) {
      const own = session.transcript === null ? [] : [session.transcript];
      all.set(session.id, { session, task, transcripts: new Set(own) });
    }
  }
  for (const { kind, data } of store.events.find({ kind: "session", limit: ALL })) {
    const { session, task, transcript } = JSON.parse(data ?? "{}");
    const told = all.get(session);
    if (!told) continue;
    if (kind === "session.started" && task !== undefined) told.task = task;
    if (kind === "session.learned" && transcript) told.transcripts.add(transcript);
  }
  return [...all.values()].sort((a, b) => a.session.startedAt - b.session.startedAt);
}

/** Every call of every agent, with its price. Reads each transcript once. */
export async function countCosts(tools: CostTools): Promise<Spending> {
  const { store, usage, prices } = tools;
  const sessions = toldSessions(store);
  const runs = listRuns(store);
  const owners = new Map<string, Told[]>();
  const spending: Spending = { calls: [], uncounted: [], broken: 0 };
  const miss = ({ agent, id }: Session, why: string) =>
    spending.uncounted.push({ agent, session: id, why });
  for (const told of sessions) {
    if (told.transcripts.size === 0) miss(told.session, "no transcript of it is known");
    for (const name of told.transcripts) owners.set(name, [...(owners.get(name) ?? []), told]);
  }
  const seen = new Set<string>();
  for (const [transcript, own] of owners) {
    const read = await usage(transcript);
    spending.broken += read?.broken ?? 0;
    if (!read)
      for (const { session } of own) miss(session, `its transcript is gone: ${transcript}`);
    for (const call of read?.calls ?? []) {
      // A conversation that is resumed or forked may be copied with its past.
      if (call.id !== undefined && seen.has(call.id)) continue;
      if (call.id !== undefined) seen.add(call.id);
      const whose = ownerOf(call, own);
      if (!whose) continue;
      const run = runs.find((one) => isIn(one, call.at))?.id ?? null;
      const { id: session, agent, runtime } = whose.session;
      const about = { session, agent, runtime, task: whose.task, run };
      spending.calls.push({ ...call, ...about, usd: usdOf(call, prices) });
    }
  }
  return spending;
}

/** What a person's own program did before it was adopted, or after its release, is not ours. */
function ownerOf({ at }: Call, own: readonly Told[]): Told | undefined {
  const told = own.findLast(({ session }) => session.startedAt <= at);
  const { adopted, endedAt } = told?.session ?? {};
  return adopted && endedAt != null && at > endedAt ? undefined : told;
}
