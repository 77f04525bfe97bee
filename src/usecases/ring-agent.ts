import type { Session } from "../domain/agent.ts";
import { formatNotice } from "../domain/notice.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Runtime } from "../ports/runtime.ts";
import type { Store } from "../ports/store.ts";

export interface RingTools {
  store: Store;
  launcher: Launcher;
  runtimes: ReadonlyMap<string, Runtime>;
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
  newId: (prefix: string) => string;
}

/** A bell is heard within 80 ms (Claude Code 2.1.329); after this time another way is tried. */
const HEARD_MS = 5_000;

/**
 * Lets an idle agent take its mail by its runtime's own door. Nothing is typed, so neither a draft
 * nor a reader's copy mode is in the way, and the program itself waits out a dialog. Returns
 * whether the program was called; the letters stay queued until its hook takes them.
 */
export async function ringAgent(tools: RingTools, session: Session): Promise<boolean> {
  const { store, launcher, now } = tools;
  const runtime = tools.runtimes.get(session.runtime);
  if (!runtime?.ring) return false;
  const due = store.mail.wakeable(session.agent, now()).map(({ message }) => message);
  const { pid, alive } = launcher.process(session);
  if (due.length === 0 || !alive || pid === undefined) return false;
  const { facts } = await runtime.facts(session, tools.env, pid);
  if (!facts.some(({ source, state }) => source === "runtime" && state === "idle")) return false;
  const notice = formatNotice(tools.newId("wake"), due);
  if (!(await runtime.ring(session, tools.env, notice))) return false;
  const seqs = due.map(({ seq }) => seq);
  store.mail.noticed(session.agent, seqs, now() + HEARD_MS);
  return true;
}
