import type { Session } from "../domain/agent.ts";
import type { Checkpoint } from "../domain/checkpoint.ts";
import type { HandoffReason, HandoffRecord } from "../domain/handoff.ts";
import type { Store } from "../ports/store.ts";

const KIND = "handoff";

/** Why, and to which other agent, if not the same. */
export interface Handover {
  reason: HandoffReason;
  toAgent?: string | undefined;
}

/**
 * Writes down that this session shall have a successor. Nothing ends before this is stored. One
 * that was broken off keeps its reason, its time and its receiver.
 */
export function openHandoff(
  { store, now }: { store: Store; now: () => number },
  before: Session,
  checkpoint: Checkpoint,
  { reason, toAgent }: Handover,
): HandoffRecord {
  const known = pendingHandoff(store, before);
  const record: HandoffRecord = {
    fromSessionId: before.id,
    toSessionId: null,
    toAgent: known ? known.toAgent : toAgent,
    checkpoint,
    reason: known?.reason ?? reason,
    handoffAt: known?.handoffAt ?? new Date(now()).toISOString(),
  };
  keepHandoff(store, before.agent, record);
  return record;
}

/** The record of a handoff from this session that was broken off. */
export function pendingHandoff(store: Store, before: Session): HandoffRecord | undefined {
  const record = lastHandoff(store, before.agent);
  const isOpen = record?.toSessionId === null && record.fromSessionId === before.id;
  return isOpen ? record : undefined;
}

export function lastHandoff(store: Store, agent: string): HandoffRecord | undefined {
  const note = store.notes.get(KIND, agent);
  return note && (JSON.parse(note.body) as HandoffRecord);
}

export function keepHandoff(store: Store, agent: string, record: HandoffRecord): void {
  store.notes.put({ kind: KIND, key: agent, agent, body: JSON.stringify(record) });
}

/**
 * Who reads an agent's letters: the agent that has taken over its work, as long as it has not begun
 * anew itself; else the agent.
 */
export function readerOf(store: Store, agent: string): string {
  const asked = new Set<string>();
  let reader = agent;
  while (!asked.has(reader) && !store.sessions.liveOf(reader)) {
    asked.add(reader);
    const record = lastHandoff(store, reader);
    const isLast =
      record?.toSessionId && store.sessions.lastOf(reader)?.id === record.fromSessionId;
    if (!isLast || record.toAgent === undefined) break;
    reader = record.toAgent;
  }
  return reader;
}
