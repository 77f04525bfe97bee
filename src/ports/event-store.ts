import type { Event } from "../domain/event.ts";

export interface EventFilter {
  /** Of this agent, or of a letter to it. */
  agent?: string | undefined;
  message?: string | undefined;
  /** A whole kind, or what stands before its dot. */
  kind?: string | undefined;
  /** Not older than this time (Unix ms). */
  since?: number | undefined;
  /** Only what came after this event, the oldest of it; else the newest. */
  after?: number | undefined;
  /** Only what came before this event. */
  before?: number | undefined;
  limit: number;
}

export interface EventStore {
  add(kind: string, about: { agent?: string; message?: string; data?: unknown }): void;
  /** As `add`, but not within `gapMs` of the last one of this kind about the same agent, or nobody. */
  addSeldom(kind: string, about: { agent?: string; data?: unknown }, gapMs: number): void;
  /** Oldest first. */
  find(filter: EventFilter): Event[];
  /** Deletes at most so many events of messages and hooks from before this time; returns how many. */
  forget(before: number, most: number): number;
  last(): number;
  /** The newest event of these kinds about an agent. */
  lastOf(agent: string, kinds: readonly string[]): Event | undefined;
}
