import { statSync } from "node:fs";
import type { Trail } from "../../domain/caller.ts";
import type { Marker, Store } from "../../ports/store.ts";
import { randomBytes } from "../random.ts";
import { isNewer, openDatabase } from "./database.ts";
import { eventStore, leaseStore } from "./events.ts";
import { mailStore, poster } from "./mail.ts";
import { noteStore } from "./notes.ts";
import { startStore } from "./starts.ts";
import { keepStatements } from "./statements.ts";
import { agentStore, groupStore, sessionStore } from "./team.ts";
import { watchStore } from "./watches.ts";

export interface StoreOptions {
  readonly now?: () => number;
  readonly marker?: Marker;
  /** Who asks, for events. */
  readonly trail?: () => Trail;
  /** See `openDatabase`. */
  readonly isHook?: boolean;
  readonly anew?: boolean;
}

/** Opens (and makes or migrates) the project's store. The caller closes it. */
export function openStore(path: string, options: StoreOptions = {}): Store {
  const now = options.now ?? Date.now;
  const db = openDatabase(path, options);
  keepStatements(db);
  const inode = inodeOf(path);
  const events = eventStore(db, now, options.trail);
  const tools = {
    db,
    now,
    random: randomBytes,
    log: events.add,
    marker: options.marker ?? { set: () => undefined, clear: () => undefined },
  };
  return {
    agents: agentStore(db, now, events.add),
    sessions: sessionStore(db, now, events.add),
    mail: mailStore(tools),
    groups: groupStore(db),
    events,
    leases: leaseStore(db, now),
    watches: watchStore(tools, poster(tools)),
    notes: noteStore(db, now),
    starts: startStore(db),
    isNewer: () => isNewer(db),
    isGone: () => inodeOf(path) !== inode,
    close: () => db.close(),
  };
}

/** Another file of the same name has another number: ours is open, so that its number is not free. */
const inodeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.ino;
