import type { Agent, AgentKind, PaneRef, Session } from "../../domain/agent.ts";
import type { Delivery, DeliveryState } from "../../domain/delivery.ts";
import type { EndingKind } from "../../domain/ending.ts";
import type { Message, MessageType, Priority } from "../../domain/message.ts";

type Row = Record<string, unknown>;

export function toMessage(row: Row): Message {
  return {
    seq: row.seq as number,
    id: row.id as string,
    sender: row.sender as string,
    address: row.address as string,
    type: row.type as MessageType,
    subject: row.subject as string,
    body: row.body as string,
    payload: row.payload as string | null,
    priority: row.priority as Priority,
    thread: row.thread as string,
    replyTo: row.reply_to as string | null,
    hops: row.hops as number,
    expiresAt: row.expires_at as number | null,
    createdAt: row.created_at as number,
  };
}

export function toDelivery(row: Row): Delivery {
  return {
    seq: row.seq as number,
    messageId: row.message_id as string,
    recipient: row.recipient as string,
    state: row.state as DeliveryState,
    reason: row.reason as string | null,
    attempts: row.attempts as number,
    nextTryAt: row.next_try_at as number | null,
    leaseUntil: row.lease_until as number | null,
    owner: row.lease_owner as string | null,
    door: row.door as string | null,
    session: row.session as string | null,
    transcript: row.transcript as string | null,
    secretHash: row.secret_hash as string | null,
    proof: row.proof as string | null,
    offeredAt: row.offered_at as number | null,
    seenAt: row.seen_at as number | null,
    ackedAt: row.acked_at as number | null,
  };
}

export function toAgent(row: Row): Agent {
  return {
    name: row.name as string,
    kind: row.kind as AgentKind,
    role: row.role as string,
    parent: row.parent as string | null,
    depth: row.depth as number,
    runtime: row.runtime as string | null,
    task: row.task as string | null,
    worktree: row.worktree as string | null,
    branch: row.branch as string | null,
    baseBranch: row.base_branch as string | null,
    brief: row.brief as string | null,
    createdAt: row.created_at as number,
  };
}

export function toSession(row: Row): Session {
  return {
    id: row.id as string,
    agent: row.agent as string,
    generation: row.generation as number,
    runtime: row.runtime as string,
    pane: JSON.parse(row.pane as string) as PaneRef,
    dir: row.dir as string,
    adopted: row.adopted === 1,
    closed: row.closed === 1,
    runtimeSession: row.runtime_session as string | null,
    transcript: row.transcript as string | null,
    startedAt: row.started_at as number,
    endedAt: row.ended_at as number | null,
    ending:
      row.ended_at === null
        ? null
        : {
            // An `ov` of before the column may still run, and ends sessions without a kind.
            kind: (row.end_kind ?? "quit") as EndingKind,
            detail: (row.end_reason ?? "") as string,
          },
  };
}

/** Of values of a text column that begin with the first parameter; an index of it is used. */
export const beginsWith = (column: string): string =>
  `${column} >= @text AND ${column} < @text || char(0x10FFFF) AND @text <> ''`;
