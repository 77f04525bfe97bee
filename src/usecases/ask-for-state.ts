import { SYSTEM } from "../domain/name.ts";
import type { Store } from "../ports/store.ts";
import { NO_LIMITS, sendMail } from "./send-mail.ts";

export interface AskTools {
  store: Store;
  now: () => number;
  kick: (agents: readonly string[]) => Promise<void>;
  changed: (ms: number) => Promise<void>;
}

const LOOK_MS = 500;
const BODY = `Your session will be replaced by a new one that knows only what is written down.
Say now what is done and what is left, then stop:

ov checkpoint --summary "..." --pending "..."

If you have just begun, there is nothing to do.`;

/**
 * Asks an agent to write down where its work stands, and waits for it. False when it has not
 * within this time (ms): it may be busy, wait at a dialog, or not know how.
 */
export async function askForState(tools: AskTools, agent: string, ms: number): Promise<boolean> {
  const { store, now } = tools;
  const begun = store.events.last();
  const letter = { sender: SYSTEM, to: agent, type: "status", priority: "high" } as const;
  const text = { subject: "Write down where your work stands", body: BODY, payload: null };
  sendMail(store, { ...letter, ...text, wake: true, expiresAt: now() + ms }, NO_LIMITS);
  await tools.kick([agent]);
  const deadline = now() + ms;
  for (;;) {
    const saved = store.events.find({ agent, kind: "checkpoint.saved", after: begun, limit: 20 });
    if (
      saved.some(
        ({ data }) => (JSON.parse(data ?? "{}") as { moment?: string }).moment === "manual",
      )
    )
      return true;
    if (now() >= deadline) return false;
    await tools.changed(Math.min(LOOK_MS, Math.max(1, deadline - now())));
  }
}
