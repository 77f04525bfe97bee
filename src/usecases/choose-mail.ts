import type { Message } from "../domain/message.ts";
import type { OpenDelivery } from "../ports/store.ts";

/**
 * Which letters may go to an agent now: the one rule of every door and of the dispatcher. A letter
 * waits while an earlier one of its sender is undecided, so that it does not overtake it; an urgent
 * one may. `open`: the agent's letters that were taken and are not proved; `session`: its live
 * runtime session, null where that is not known.
 */
export function mayGo(
  open: readonly OpenDelivery[],
  session: string | null,
): (letter: Pick<Message, "priority" | "sender">) => boolean {
  const wait = undecided(open, session);
  return ({ priority, sender }) => priority === "urgent" || !wait.has(sender);
}

/**
 * Senders with a letter whose fate is not known yet: in somebody's hands just now, typed, with a
 * prompt or behind a bell that the program may keep for later, or offered to a session that may
 * have ended without it. Without a transcript it would never be known, and nobody waits for that.
 */
function undecided(open: readonly OpenDelivery[], session: string | null): Set<string> {
  const unknown = open.filter(
    ({ delivery: d }) =>
      d.state === "leased" ||
      (d.transcript !== null &&
        (d.door === "hook:UserPromptSubmit" ||
          d.door === "bell" ||
          d.door === "type" ||
          (session !== null && d.session !== session))),
  );
  return new Set(unknown.map(({ sender }) => sender));
}
