import { type HoldReason, REASON_TEXT } from "../../domain/delivery.ts";
import { formatAge } from "../../domain/duration.ts";
import { fails, healthy, type Look, mends, warns } from "../../domain/finding.ts";
import type { Impossible } from "../../ports/doctor.ts";
import { recoverMail } from "../recover-mail.ts";
import type { Check, StoreTools } from "./tools.ts";

const MINUTE_MS = 60_000;
/** A letter that no agent takes within an hour is worth a word. */
const LONG_MS = 60 * MINUTE_MS;
const TOLD = 3;

export const letters: readonly Check[] = [
  {
    id: "markers",
    needs: "store",
    look: markers,
    fix({ store }, { about }) {
      store.mail.settle(about);
      return `set the marker of ${about}`;
    },
  },
  {
    id: "letters-impossible",
    needs: "store",
    look: impossible,
    fix({ ledger }, { about }) {
      const [id = "", recipient = ""] = about.split(" ");
      ledger.endLeases(id, recipient);
      return `${id} is looked for again`;
    },
  },
  {
    id: "letters-taken",
    needs: "store",
    look: taken,
    async fix({ team }, { about }) {
      await recoverMail(await team(), about, undefined);
      return `asked what became of the letters of ${about}`;
    },
  },
  { id: "letters-dead", needs: "store", look: dead },
  { id: "letters-waiting", needs: "store", look: waiting },
];

/** Names with mail and no marker: their hooks see none of it. Looked at twice, for mail moves. */
function withoutMarker({ ledger, files, store, isAlive }: StoreTools): string[] {
  const dispatcher = store.leases.holder("dispatcher");
  // What went through a bell is watched by a dispatcher, and needs no marker meanwhile.
  const isWatched = dispatcher !== undefined && isAlive(Number.parseInt(dispatcher.owner, 10));
  const look = () =>
    ledger
      .open()
      .filter(({ queued }) => queued || !isWatched)
      .map(({ recipient }) => recipient)
      .filter((name) => !files.hasMarker(name));
  const first = look();
  return first.length === 0 ? [] : look().filter((name) => first.includes(name));
}

function markers(tools: StoreTools): Look {
  const { ledger, files } = tools;
  const problems = withoutMarker(tools).map((name) =>
    mends("fail", {
      what: `${name} has mail, and its hooks do not know it`,
      evidence: `there is no file .overture/mail/${name}`,
      fix: "ov doctor --fix sets it",
      about: name,
    }),
  );
  const open = new Set(ledger.open().map(({ recipient }) => recipient));
  const extra = files.markers().filter((name) => !open.has(name));
  // One too many costs a start of Node, and the next hook takes it away.
  const said = extra.length > 0 ? `${extra.length} markers without mail, which is harmless` : "";
  return { said, problems };
}

function impossible({ ledger }: StoreTools): Look {
  const words = ({ id, recipient, state, why }: Impossible) => ({
    what: `${id} to ${recipient} is ${state}, but ${why}`,
    evidence: "another program wrote to the store, or a bug of ours did",
    about: `${id} ${recipient}`,
  });
  const problems = ledger.impossible().map((row) =>
    row.mendable
      ? mends("fail", { ...words(row), fix: "ov doctor --fix lets recovery look for it" })
      : fails({
          ...words(row),
          fix: `read it: ov mail read ${row.id}; then: ov trace ${row.id}`,
        }),
  );
  return { said: "", problems };
}

/** Hooks, readers and the dispatcher recover these; those of a name that has none of them wait. */
function taken({ ledger, now }: StoreTools): Look {
  const rows = ledger.overdue(now() - MINUTE_MS);
  const names = [...new Set(rows.map(({ recipient }) => recipient))];
  const problems = names.map((name) => {
    const own = rows.filter(({ recipient }) => recipient === name);
    return mends("warn", {
      what: `${own.length === 1 ? "a letter" : `${own.length} letters`} to ${name} taken and never given`,
      evidence: `${own[0]!.id}: its lease ran out ${formatAge(now() - own[0]!.until)} ago`,
      fix: "ov doctor --fix looks in the transcript, and queues what is not there",
      about: name,
    });
  });
  return { said: "", problems };
}

function dead({ ledger }: StoreTools): Look {
  const rows = ledger.dead();
  if (rows.length === 0) return healthy();
  const last = rows
    .slice(-TOLD)
    .map(({ id, recipient, reason }) => `${id} to ${recipient}: ${reason}`);
  return {
    said: "",
    problems: [
      warns({
        what: rows.length === 1 ? "a letter is dead" : `${rows.length} letters are dead`,
        evidence: last.join("; "),
        fix: "ov mail dead lists them; again: ov mail retry <id>",
        about: "dead",
      }),
    ],
  };
}

/** Agents' mail; what waits for a person is no fault. */
function waiting({ ledger, store, now }: StoreTools): Look {
  const isAgents = (name: string) => (store.agents.get(name)?.kind ?? "local") === "local";
  const rows = ledger
    .waiting(now() - LONG_MS)
    .filter(({ delivery }) => isAgents(delivery.recipient));
  if (rows.length === 0) return healthy();
  const lines = rows.slice(0, TOLD).map(({ delivery, sender, createdAt }) => {
    const { messageId, recipient } = delivery;
    const why = reasonOf(delivery.reason as HoldReason | null, recipient, store);
    return `${messageId} from ${sender} to ${recipient}, ${formatAge(now() - createdAt)}: ${why}`;
  });
  const [first] = rows;
  return {
    said: "",
    problems: [
      warns({
        what:
          rows.length === 1
            ? "a letter has waited for more than an hour"
            : `${rows.length} letters have waited for more than an hour`,
        evidence: lines.join("; "),
        fix: `ov explain ${first!.delivery.recipient}`,
        about: "waiting",
      }),
    ],
  };
}

function reasonOf(reason: HoldReason | null, name: string, store: StoreTools["store"]): string {
  if (!store.agents.get(name)) return "there is no such agent any more";
  if (!store.sessions.liveOf(name)) return REASON_TEXT.not_running;
  return reason ? (REASON_TEXT[reason] ?? reason) : "it goes in at the agent's next turn";
}
