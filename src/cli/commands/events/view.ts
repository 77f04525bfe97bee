import kleur from "kleur";
import { parseDuration } from "../../../domain/duration.ts";
import { AppError, unknownWord } from "../../../domain/errors.ts";
import { dataOf, describeData, type Event, isFailure } from "../../../domain/event.ts";
import { forTerminal, jsonForTerminal } from "../../../domain/text.ts";
import { isoTime } from "../../../domain/time.ts";
import type { EventFilter } from "../../../ports/store.ts";
import { type Context, now } from "../../context.ts";
import { print } from "../../output.ts";

export interface Choice {
  agent?: string;
  kind?: string;
  since?: string;
  limit: number;
  follow?: boolean;
}

const POLL_MS = 2_000;
const clock = (at: number) => isoTime(at).slice(11, 19);

export const eventJson = ({ id, at, kind, agent, message, data, caller, found }: Event) => ({
  id,
  at: isoTime(at),
  kind,
  agent,
  message,
  data: dataOf({ data }),
  caller,
  found,
});

/** One line; a letter is named by its subject. */
export function eventLine(context: Context, event: Event): string {
  const letter = event.message === null ? undefined : context.store.mail.get(event.message);
  const subject = letter ? `"${letter.message.subject}"` : "";
  const kind = isFailure(event) ? kleur.red(event.kind) : event.kind;
  const about = [event.message ?? "", subject, describeData(event)].filter(Boolean).join("  ");
  return `${kleur.dim(clock(event.at))}  ${(event.agent ?? "-").padEnd(14)}  ${kind}  ${about}`.trimEnd();
}

export function filterOf(context: Context, { agent, kind, since, limit }: Choice): EventFilter {
  const known = context.store.agents.list().map(({ name }) => name);
  if (agent !== undefined && !known.includes(agent)) throw unknownWord("agent", agent, known);
  if (kind !== undefined && !/^[a-z]+(\.[a-z]+)?$/.test(kind)) {
    throw new AppError("usage", `event kind "${kind}" is not valid`, "as mail or mail.sent");
  }
  const from = since === undefined ? undefined : now() - parseDuration(since, "--since");
  return { agent, kind, since: from, limit };
}

/**
 * Prints the events that `choose` leaves, oldest first. With `follow` it goes on until it is
 * interrupted, and with `--json` prints an object a line then.
 */
export async function show(
  context: Context,
  verb: string,
  filter: EventFilter,
  follow: boolean,
  choose: (events: readonly Event[]) => readonly Event[] = (events) => events,
): Promise<void> {
  const { store, out } = context;
  const events = choose(store.events.find(filter));
  const lines = events.map((event) => eventLine(context, event));
  if (!follow) {
    const data = { events: events.map(eventJson) };
    return out.done(verb, data, lines.join("\n") || "Nothing has happened");
  }
  const say = (event: Event) =>
    print(
      `${out.json ? jsonForTerminal(eventJson(event)) : forTerminal(eventLine(context, event))}\n`,
    );
  for (const event of events) await say(event);
  const watch = await context.watchStore();
  for (let last = events.at(-1)?.id ?? store.events.last(); ; ) {
    const found = store.events.find({ ...filter, since: undefined, after: last });
    last = found.at(-1)?.id ?? last;
    for (const event of choose(found)) await say(event);
    await watch.changed(POLL_MS);
  }
}
