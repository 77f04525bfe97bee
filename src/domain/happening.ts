import { type Ending, sayEnding } from "./ending.ts";
import { dataOf, type Event } from "./event.ts";
import { cleanHeader } from "./text.ts";

type Data = Readonly<Record<string, unknown>>;
type Say = (who: string, data: Data, subject: string) => string;

/** Kinds that a person who watches wants to know of, each in one plain sentence. */
const SAYS: Readonly<Record<string, Say>> = {
  "session.started": (who, { runtime, task }) => `${who} started (${runtime}, task ${task ?? "-"})`,
  "session.ended": (who, { ending }) => `${who} ended: ${sayEnding(ending as Ending)}`,
  "backup.failed": (_, { cause }) => `the store could not be backed up: ${cause}`,
  "store.restored": (_, { at }) =>
    `the store was put back from its backup of ${at}: what was stored since is lost`,
  "mail.sent": (who, { to }, subject) => `${who} wrote to ${list(to)}: ${subject}`,
  "mail.seen": (who, _, subject) => `${who} has ${subject}`,
  "mail.held": (who, { reason }, subject) => `${subject} to ${who} waits: ${reason}`,
  "mail.requeued": (who, { why }, subject) => `${subject} to ${who} waits again: ${why}`,
  "mail.dead": (who, _, subject) => `${subject} to ${who} is dead: ov mail dead`,
  "agent.waiting": (who, { detail }) => `${who} is waiting (${detail})`,
  "agent.redrawn": (who, { why }) => `${who} was made to draw its screen again (${why})`,
  "agent.lost": (who, { why }) => `${who} was lost: ${why}`,
  "agent.restarted": (who, { how }) => `${who} was started again (${how})`,
  "agent.restart_failed": (who, { cause }) => `${who} could not be started again: ${cause}`,
  "agent.given_up": (who) => `${who} is not started again: ov resume ${who}`,
  "health.step": (who, { step }) => `${who} does not move: ${step}`,
  "handoff.completed": (who, { reason }) => `${who} has a new session: ${reason}`,
  "carrier.started": (_, { pid }) => `the carrier carries (process ${pid})`,
  "carrier.ended": (_, { why }) => `the carrier ended: ${why}`,
};

const list = (names: unknown) => (Array.isArray(names) ? names.join(", ") : String(names));

/** What happened, on one line for a person; undefined for what is of no interest to one. */
export function sayEvent(
  { kind, agent, message, data }: Event,
  subjectOf: (message: string) => string | undefined,
): string | undefined {
  const say = SAYS[kind];
  if (!say) return undefined;
  const subject = message === null ? "" : `"${subjectOf(message) ?? message}"`;
  return cleanHeader(say(agent ?? "-", (dataOf({ data }) ?? {}) as Data, subject));
}
