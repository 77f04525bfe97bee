import { type BranchOutcome, workOf } from "../domain/merge.ts";
import type { MessageType } from "../domain/message.ts";
import { ORCHESTRATOR, SYSTEM } from "../domain/name.ts";
import type { Store } from "../ports/store.ts";

/** Sends one letter to an address; `payload` is JSON text. May throw: then nothing was sent. */
export type Send = (draft: {
  sender: string;
  to: string;
  type: MessageType;
  subject: string;
  body: string;
  payload: string;
}) => void;

/** Tells an agent and its parent what became of its branch. A person's branch has no letter. */
export function tellMerge(store: Store, send: Send, into: string, outcome: BranchOutcome): void {
  const work = workOf(outcome.branch);
  const letter = work && letterFor(outcome, into);
  if (!letter) return;
  const agent = store.agents.get(work.agent);
  const parent = agent?.parent && store.agents.get(agent.parent) ? agent.parent : ORCHESTRATOR;
  const payload = { branch: outcome.branch, taskId: work.task, into, ...letter.payload };
  send({
    sender: SYSTEM,
    to: [...(agent ? [agent.name] : []), parent].join(","),
    type: letter.type,
    subject: letter.subject,
    body: letter.body,
    payload: JSON.stringify(payload),
  });
}

const HISTORY = 500;

/**
 * Whether the newest merge of this branch failed just so, with the branch as it is now. A failed
 * gate may pass on another target, so there the target must not have moved either.
 */
export function wasTold(
  store: Store,
  into: string,
  { branch, status, conflictFiles }: BranchOutcome,
  { tip, onto }: { tip: string | undefined; onto: string | undefined },
): boolean {
  if (status !== "conflict" && status !== "gate_failed") return false;
  const past = store.events.find({ kind: "merge", limit: HISTORY }).toReversed();
  for (const { kind, data } of past) {
    const was = JSON.parse(data ?? "{}");
    if (kind === "merge.unsent" || was.branch !== branch || was.into !== into) continue;
    if (kind !== `merge.${status}` || tip === undefined || was.tip !== tip) return false;
    return status === "conflict"
      ? (was.files ?? []).join("\n") === conflictFiles.join("\n")
      : was.onto === onto;
  }
  return false;
}

interface Told {
  type: MessageType;
  subject: string;
  body: string;
  payload: Record<string, unknown>;
}

function letterFor(outcome: BranchOutcome, into: string): Told | undefined {
  const { branch, commit, files, conflictFiles, gate } = outcome;
  if (outcome.status === "merged") {
    const count = `${files.length} ${files.length === 1 ? "file" : "files"} changed`;
    return {
      type: "merged",
      subject: `merged: ${branch} into ${into}`,
      body: `${branch} is in ${into} as ${commit}; ${count}.`,
      payload: { tier: "clean", commit },
    };
  }
  const failed = (errorMessage: string, next: string): Told => ({
    type: "merge_failed",
    subject: `not merged: ${branch} into ${into}`,
    body: `${errorMessage}\n\n${into} was not moved. ${next}`,
    payload: { conflictFiles, errorMessage },
  });
  if (outcome.status === "conflict") {
    return failed(
      `${branch} conflicts with ${into} in: ${conflictFiles.join(", ")}`,
      `In the worktree of ${branch}: merge ${into} into it, solve the conflicts, commit.`,
    );
  }
  if (outcome.status === "gate_failed" && gate) {
    return failed(
      `the gate "${gate.command}" failed on the merged tree:\n${gate.output}`,
      `In the worktree of ${branch}: merge ${into} into it, make the gate pass, commit.`,
    );
  }
  return undefined;
}
