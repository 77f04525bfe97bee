import type { Fact } from "../domain/fact.ts";
import type { Vector } from "../domain/vector.ts";

/** A version of a fact in this store, from 1. */
export interface Version extends Fact {
  key: string;
  version: number;
  /** Who wrote it, or merged it in. */
  agent: string;
  at: number;
}

/** What an agent knows of a fact. */
export interface Knowledge {
  /** The newest that it read. */
  seen: Vector;
  /** Its own newest write. */
  wrote: Vector;
}

/** Facts of the team, by versions that are never changed. */
export interface StateStore {
  /** Eight hexadecimal digits; another one for each copy of a store. */
  readonly origin: string;
  /** Runs all in it as one transaction, in which nobody else writes. */
  together<T>(work: () => T): T;
  /** Of all facts, also of deleted ones. */
  keys(): string[];
  newest(key: string): Version | undefined;
  /** Oldest first. */
  versions(key: string): Version[];
  add(key: string, agent: string, fact: Fact): Version;
  knowledge(key: string, agent: string): Knowledge;
  learn(key: string, agent: string, known: Knowledge): void;
  /** One letter of Overture's to all of them; it starts no turn. */
  tell(recipients: readonly string[], subject: string, body: string): void;
  close(): void;
}
