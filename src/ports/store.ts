import type { Agent, AgentKind, Session } from "../domain/agent.ts";
import type { Delivery, Door, HoldReason } from "../domain/delivery.ts";
import type { Ending } from "../domain/ending.ts";
import type { Goal, Watch } from "../domain/goal.ts";
import type { Message, MessageType, Priority } from "../domain/message.ts";
import type { Made } from "../domain/start.ts";
import type { EventStore } from "./event-store.ts";
import type { NoteStore } from "./notes.ts";

/**
 * The store is synchronous: SQLite answers in microseconds and every method is one transaction.
 * Methods throw only for a broken database; a move that the life of a delivery does not allow
 * changes nothing and is visible in the returned count.
 */
export interface Store {
  readonly agents: AgentStore;
  readonly sessions: SessionStore;
  readonly mail: MailStore;
  readonly groups: GroupStore;
  readonly events: EventStore;
  readonly leases: LeaseStore;
  readonly watches: WatchStore;
  readonly notes: NoteStore;
  readonly starts: StartStore;
  /** Whether a newer Overture has changed the schema since this process opened the store. */
  isNewer(): boolean;
  /** Whether its file was removed or replaced since it was opened: what is written now is lost. */
  isGone(): boolean;
  close(): void;
}

export interface NewAgent {
  name: string;
  kind: AgentKind;
  role: string;
  parent?: string | null;
  depth?: number;
}

export interface AgentStore {
  get(name: string): Agent | undefined;
  list(): Agent[];
  /** Adds the name, or updates role, kind and parent of one that exists. */
  put(agent: NewAgent): void;
  update(name: string, change: Partial<Omit<Agent, "name" | "createdAt">>): void;
  /** The project's own folder was moved: each path in the old one becomes that in the new one. */
  relocate(from: string, to: string): void;
  /** Removes an agent without live session; its letters stay. False when there was none. */
  remove(name: string): boolean;
}

export type NewSession = Omit<Session, "endedAt" | "ending" | "closed" | "adopted"> & {
  adopted?: boolean;
  /** What is kept of the key that its processes carry. */
  keyHash?: string | undefined;
};

/** Starts whose program does not run yet, one an agent. */
export interface StartStore {
  put(made: Made, owner: string): void;
  list(): { owner: string; made: Made }[];
  remove(agent: string): void;
}

export interface SessionStore {
  live(): Session[];
  liveOf(agent: string): Session | undefined;
  /** Its newest one, live or ended. */
  lastOf(agent: string): Session | undefined;
  /** The same of every agent that had one, by its name. */
  newest(): Map<string, Session>;
  get(id: string): Session | undefined;
  /** Those whose id begins so, oldest first; none for an empty text. */
  beginning(id: string, limit: number): Session[];
  /** Oldest first. */
  all(agent: string): Session[];
  /**
   * Live ones that a process may belong to: whose pane began with one of these processes, which
   * were adopted, and whose server is counted in another table of processes than this one.
   */
  near(pids: readonly number[], table: string | undefined): Session[];
  /** The session, also an ended one, whose processes carry the key of this hash. */
  byKey(hash: string): Session | undefined;
  nextGeneration(agent: string): number;
  /** Throws `refused` when the agent has a live session: one at a time is a unique index. */
  start(session: NewSession): void;
  learn(id: string, known: { runtimeSession?: string; transcript?: string }): void;
  /** Stores how it ended, once: false, and nothing changed, for one that has ended before. */
  end(id: string, ending: Ending): boolean;
  /** Keeps one from getting a successor that nobody asks for by name; false: takes that back. */
  close(id: string, isClosed?: boolean): void;
  /** Forgets a session whose start was taken back. */
  remove(id: string): void;
  /** Puts back how a session stood before a start took its place. */
  restore(session: Pick<Session, "id" | "endedAt" | "ending">): void;
}

export interface Draft {
  sender: string;
  /** The agent whose process sends it, which limits count; undefined: they do not hold. */
  sentBy?: string | undefined;
  address: string;
  type: MessageType;
  subject: string;
  body: string;
  payload: string | null;
  priority: Priority;
  thread?: string | undefined;
  replyTo?: string | undefined;
  hops?: number;
  expiresAt?: number | undefined;
  /** Whether it may start a turn of an idle recipient. */
  wake: boolean;
}

/** 0: no limit. A limit that is passed stores nothing. */
export interface Limits {
  /** Messages that one agent's processes send in a minute, by whatever name. */
  perMinute: number;
  /** Messages between two agents, both ways, in ten minutes; a person's count for nothing. */
  perPair: number;
}

export interface Filter {
  sender?: string | undefined;
  recipient?: string | undefined;
  /** Either end: sender or recipient. */
  party?: string | undefined;
  type?: string | undefined;
  unread?: boolean | undefined;
  /** Only messages that were stored before the one of this number (`Message.seq`). */
  before?: number | undefined;
  limit: number;
}

export interface Letter {
  message: Message;
  deliveries: Delivery[];
}

/** How many messages were deleted, and whether their text is in no file of the store any more. */
export interface Purged {
  count: number;
  isGivenBack: boolean;
}

export interface MailStore {
  /**
   * One transaction: the limits, the message, a delivery for each recipient and the event. A sender
   * that is not registered becomes an `external` agent, so that it can be answered. Throws
   * `rate_limited`; then nothing is stored.
   */
  send(draft: Draft, recipients: readonly string[], limits: Limits): Message;
  /** Removes a letter that nobody was given yet. */
  withdraw(id: string): boolean;
  get(id: string): Letter | undefined;
  /** Ids that begin so, oldest first; none for an empty text. */
  beginning(id: string, limit: number): string[];
  /** The subjects of these messages, by their ids. */
  subjects(ids: readonly string[]): Map<string, string>;
  list(filter: Filter): Letter[];
  thread(id: string): Letter[];
  search(text: string, filter: Filter): Letter[];
  /** Queued letters, urgent first, then oldest. Never changes anything. */
  queued(recipient: string, limit: number): Message[];
  /** Letters that are queued, leased or offered: `waiting` for the reader, `open` for proof. */
  count(recipient: string): { queued: number; open: number };
  /** Takes queued letters by lease, in one statement; returns those that were won. */
  claim(recipient: string, choice: Claim): Message[];
  offered(recipient: string, seqs: readonly number[], owner: string): number;
  /**
   * leased (by this owner) or offered → seen. `isUndoable`: the turn that it came with may be taken
   * back.
   */
  seen(recipient: string, seqs: readonly number[], proof: string, isUndoable?: boolean): number;
  /** Who has letters that are open (queued, leased, offered) or undoable: nobody else is served. */
  concerned(): Set<string>;
  /** Seen letters whose turn may still be taken back. */
  undoable(recipient: string): OpenDelivery[];
  /** Offered letters of a silent session are waited for until then (Unix ms). */
  doubt(recipient: string, seqs: readonly number[], until: number): void;
  /** These are no longer among them. */
  keep(recipient: string, seqs: readonly number[]): void;
  /**
   * Taken or seen → queued, after it was proved that the text is not in the agent. Only what
   * still is as it was read: while the proof was looked for, others may have taken it again.
   */
  requeue(recipient: string, taken: readonly Taken[], why: string): number;
  /** Stays queued, with the reason and the time of the next wake. */
  hold(recipient: string, seqs: readonly number[], reason: HoldReason, due: number): void;
  /** How many are held for this reason until later. */
  held(recipient: string, reason: HoldReason): number;
  /** Counts a wake-up notice for these letters. */
  noticed(recipient: string, seqs: readonly number[], due: number): void;
  open(recipient: string): OpenDelivery[];
  /** Queued letters that may wake an agent, due at `now`, oldest first. */
  wakeable(recipient: string, now: number): { message: Message; delivery: Delivery }[];
  ack(id: string, recipient: string): boolean;
  /** Moves what is past its time to dead and tells the senders. Returns how many. */
  expire(now: number): number;
  dead(filter: Filter): Letter[];
  retry(id: string, recipient?: string): string[];
  purge(filter: { before?: number; agent?: string; all?: boolean; dead?: boolean }): Purged;
  /** Letters that wait for an answer of this recipient: seen, not acked. */
  unacked(recipient: string): Letter[];
  /** How many are queued, and how many `unacked`, for each recipient of either. */
  perRecipient(): Map<string, { queued: number; unacked: number }>;
  /** Forgets why queued letters waited: a new session begins. */
  unhold(recipient: string): void;
  /** Gives the queued letters of one agent to another; one that both have stays. Returns how many. */
  redirect(from: string, to: string): number;
  /** Lets every queued letter wake its recipient, from now. Returns how many wait. */
  arouse(recipient: string): number;
  /**
   * Sets or clears the recipient's marker as hooks need it: for what is queued, and for what is
   * leased, offered or undoable unless somebody else watches it.
   */
  settle(recipient: string, isWatched?: boolean): void;
}

/**
 * A file a recipient that says "there may be something to do": letters to read, or letters whose
 * proof is awaited. Set and cleared inside write transactions only, so it is never missing while
 * such a row is visible. A marker too many costs one empty read. Both calls never throw for a
 * marker that is already there or already gone.
 */
export interface Marker {
  set(recipient: string): void;
  clear(recipient: string): void;
}

/** A delivery as it was read; `attempts` counts each time that it was taken. */
export type Taken = Pick<Delivery, "seq" | "state" | "attempts">;

/** A letter that was taken and is not proved, leased or offered; or that is undoable. */
export interface OpenDelivery {
  delivery: Delivery;
  id: string;
  sender: string;
}

export interface Claim {
  /** Exactly these, or the first `limit` in reading order. */
  seqs?: readonly number[];
  limit?: number;
  owner: string;
  until: number;
  door: Door;
  session: string | null;
  transcript: string | null;
  /** The hash of the secret that the text carries; undefined: it carries none. */
  secretHash?: string;
}

export interface GroupStore {
  all(): Map<string, string[]>;
  create(name: string, members: readonly string[]): void;
  add(name: string, members: readonly string[]): void;
  remove(name: string, members: readonly string[]): void;
  delete(name: string): boolean;
}

export interface WatchStore {
  /** False when this subscriber has asked for the same before. */
  add(agent: string, goal: Goal, subscriber: string): boolean;
  /** Oldest first. */
  list(): Watch[];
  /** Removes the watch and stores its letter in one step; false when it was gone already. */
  fire(watch: Watch, subject: string, body: string): boolean;
}

export interface LeaseStore {
  /** True when the owner now holds it until `until`; a holder renews by taking again. */
  take(name: string, owner: string, until: number): boolean;
  release(name: string, owner: string): void;
  holder(name: string): { owner: string; until: number } | undefined;
}
