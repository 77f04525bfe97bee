import { LEASE_MS } from "../domain/delivery.ts";
import { trace } from "../domain/reply-line.ts";
import { type RecoverTools, recoverMail } from "./recover-mail.ts";

/** More than ever wait for one agent. */
const MOST = 100_000;

/**
 * What a store that was put back from a backup takes for unread may have been given since: messages
 * that a transcript holds are seen, and are given to nobody again. Which secrets they were offered
 * with went with the store: any that stands there will do. Returns how many.
 */
export async function settleRestored(tools: RecoverTools): Promise<number> {
  const { store, now } = tools;
  let count = 0;
  for (const { name } of store.agents.list()) {
    await recoverMail(tools, name, undefined);
    for (const { transcript, runtimeSession } of store.sessions.all(name)) {
      if (transcript === null) continue;
      const waiting = store.mail.queued(name, MOST);
      const secrets = await tools.transcriptSecrets(transcript);
      const tracesOf = (id: string) => [
        trace(id),
        ...[...(secrets.get(id) ?? [])].map((secret) => trace(id, secret)),
      ];
      const has = await tools.transcriptHas(
        transcript,
        waiting.flatMap(({ id }) => tracesOf(id)),
      );
      const isThere = (id: string) => tracesOf(id).some((one) => has.has(one));
      const seqs = waiting.filter(({ id }) => isThere(id)).map(({ seq }) => seq);
      if (seqs.length === 0) continue;
      store.mail.claim(name, {
        seqs,
        owner: "restore",
        until: now() + LEASE_MS,
        door: "command",
        session: runtimeSession,
        transcript,
      });
      count += store.mail.seen(name, seqs, "transcript");
    }
    store.mail.settle(name);
  }
  return count;
}
