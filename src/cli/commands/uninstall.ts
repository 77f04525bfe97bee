import { dirname } from "node:path";
import { AppError } from "../../domain/errors.ts";
import { shellWord } from "../../domain/text.ts";
import { listWorktrees } from "../../usecases/clean-worktrees.ts";
import { releaseAgent } from "../../usecases/release-agent.ts";
import { trySaveCheckpoint } from "../../usecases/save-checkpoint.ts";
import { stopAgent } from "../../usecases/stop-agent.ts";
import { backups } from "../context/backups.ts";
import { worktreeTools } from "../context/worktrees.ts";
import type { Context } from "../context.ts";
import type { Register } from "../verbs.ts";
import { endCarrier } from "./down.ts";

export const register: Register = (command, context) => {
  command
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Ends the carrier and every agent that ov started here, releases adopted ones (their programs go
on), and takes our hooks and our MCP server out of this project's settings files, each with a copy.
Nothing of your work is removed: messages, worktrees and branches stay, and are named.

Example:
  ov uninstall
`,
    )
    .action(async () => {
      const carrier = await endCarrier(context);
      const { stopped, released } = await endTeam(context);
      const { removeEntries, otherFiles } = await import("../context/uninstall.ts");
      const removed = await removeEntries(context);
      const stays = { ...(await left(context)), files: otherFiles(context) };
      const data = { carrier: carrier ?? null, stopped, released, removed, stays };
      const lines = [
        carrier === undefined ? "no carrier ran" : `the carrier has ended (process ${carrier})`,
        ...stopped.map((agent) => `${agent} stopped`),
        ...released.map((agent) => `${agent} released; its program goes on`),
        ...removed.map(({ path, entries }) => `${path}: removed ${entries.join(", ")}`),
        ...(removed.length === 0 ? ["no settings file of this project has entries of ours"] : []),
        ...say(context, stays),
      ];
      await context.out.done("uninstall", data, lines.join("\n"));
    });
};

/** Stops at the first program that does not end: hooks are still there for it. */
async function endTeam(context: Context): Promise<{ stopped: string[]; released: string[] }> {
  const [stopped, released]: string[][] = [[], []];
  for (const { agent, adopted } of context.store.sessions.live()) {
    if (adopted) {
      await releaseAgent(await context.adopt(), agent);
      released!.push(agent);
      continue;
    }
    await stopAgent(await context.wake(), agent);
    await trySaveCheckpoint(await context.checkpoint(), agent, "session_end");
    stopped!.push(agent);
  }
  return { stopped: stopped!, released: released! };
}

interface Left {
  home: string;
  /** The folder of the store's backups, where there are any. */
  backups: string | null;
  worktrees: {
    agent: string;
    path: string;
    branch: string | null;
    merged: boolean;
    /** Paths whose changes are in no commit. */
    dirty: string[];
  }[];
}

async function left(context: Context): Promise<Left> {
  const { home, database } = context.project;
  const newest = backups(database).newest();
  const stays = { home, backups: newest ? dirname(newest.path) : null };
  try {
    const { worktrees } = await listWorktrees(await worktreeTools(context));
    const rows = worktrees.map(({ agent, path, branch, merged, dirty }) => ({
      ...{ agent, path, branch, merged, dirty },
    }));
    return { ...stays, worktrees: rows };
  } catch (error) {
    // A repository without a commit has no branch to compare with, and no worktree of ours.
    if (error instanceof AppError) return { ...stays, worktrees: [] };
    throw error;
  }
}

function say(context: Context, left: Left & { files: string[] }): string[] {
  const { home, backups: folder, worktrees, files } = left;
  const rest = [".overture", ...(folder ? [shellWord(folder)] : [])].join(" ");
  return [
    "",
    `What stays: ${home} with its messages, notes and settings`,
    ...worktrees.map(
      ({ path, branch, merged, dirty }) =>
        `  ${path} (${branch ?? "no branch"}, ${merged ? "merged" : "NOT merged"}${changes(dirty)})`,
    ),
    ...(folder ? [`  ${folder}: backups of the messages`] : []),
    ...files.map((path) => `  hooks in ${path}, which serve your other projects too`),
    `Remove the worktrees: ov worktree clean. Then everything else: rm -r ${rest}`,
    `Remove Overture itself: ${howToRemove(context)}`,
  ];
}

const changes = ({ length }: readonly string[]) =>
  length === 0 ? "" : `, ${length} ${length === 1 ? "change" : "changes"} in NO commit`;

const howToRemove = ({ bin }: Context) =>
  bin.includes("/node_modules/")
    ? "npm rm -g overture"
    : `delete its folder, ${bin.replace(/\/bin\/ov$/, "")}`;
