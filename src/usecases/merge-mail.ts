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
