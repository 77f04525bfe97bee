import kleur from "kleur";
import { parseDuration } from "../../../domain/duration.ts";
import { AppError, unknownWord } from "../../../domain/errors.ts";
import { dataOf, describeData, type Event, isFailure } from "../../../domain/event.ts";
import { forTerminal, jsonForTerminal } from "../../../domain/text.ts";
import { isoTime } from "../../../domain/time.ts";
import type { EventFilter } from "../../../ports/event-store.ts";
import { type Context, now } from "../../context.ts";
import { print } from "../../output.ts";

export interface Choice {
  agent?: string;
  kind?: string;
  since?: string;
  limit: number;
  before?: number;
  after?: number;
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

/** A line for each; a letter is named by its subject. */
export function eventLines({ store }: Context, events: readonly Event[]): string[] {
  const subjects = store.mail.subjects(events.flatMap(({ message }) => message ?? []));
  return events.map((event) => eventLine(event, subjects.get(event.message ?? "")));
}

function eventLine(event: Event, title: string | undefined): string {
  const subject = title === undefined ? "" : `"${title}"`;
  const kind = isFailure(event) ? kleur.red(event.kind) : event.kind;
  const about = [event.message ?? "", subject, describeData(event)].filter(Boolean).join("  ");
  return `${kleur.dim(clock(event.at))}  ${(event.agent ?? "-").padEnd(14)}  ${kind}  ${about}`.trimEnd();
}

export function filterOf(context: Context, choice: Choice): EventFilter {
  const { agent, kind, since, before, after, limit } = choice;
  const known = context.store.agents.list().map(({ name }) => name);
  if (agent !== undefined && !known.includes(agent)) throw unknownWord("agent", agent, known);
  if (kind !== undefined && !/^[a-z]+(\.[a-z]+)?$/.test(kind)) {
    throw new AppError("usage", `event kind "${kind}" is not valid`, "as mail or mail.sent");
  }
  const from = since === undefined ? undefined : now() - parseDuration(since, "--since");
  return { agent, kind, since: from, before, after, limit };
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
  const { limit, after } = filter;
  const found = store.events.find({ ...filter, limit: limit + 1 });
  const more = found.length > limit;
  const rest = after === undefined ? found.slice(-limit) : found.slice(0, limit);
  const events = choose(more ? rest : found);
  if (!follow) {
    const data = { events: events.map(eventJson), more };
    await out.done(verb, data, eventLines(context, events).join("\n") || "Nothing has happened");
    const next = after === undefined ? `--before ${rest[0]?.id}` : `--after ${rest.at(-1)?.id}`;
    if (more) out.note(`More: ov ${verb} ${next}`);
    return;
  }
  const say = (event: Event) => {
    const text = out.json ? jsonForTerminal(eventJson(event)) : eventLines(context, [event])[0]!;
    return print(`${out.json ? text : forTerminal(text)}\n`);
  };
  for (const event of events) await say(event);
  const watch = await context.watchStore();
  for (let last = events.at(-1)?.id ?? store.events.last(); ; ) {
    const found = store.events.find({ ...filter, since: undefined, after: last });
    last = found.at(-1)?.id ?? last;
    for (const event of choose(found)) await say(event);
    await watch.changed(POLL_MS);
  }
}
