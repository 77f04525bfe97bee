import { AppError } from "../../domain/errors.ts";
import { fails, healthy, type Look, mends, type Problem, warns } from "../../domain/finding.ts";
import { workOf } from "../../domain/merge.ts";
import { shellWord } from "../../domain/text.ts";
import type { FoundPane } from "../../ports/terminal.ts";
import { reap, survey } from "../observe-agent.ts";
import { ownBranches } from "../own-branches.ts";
import { witness } from "../reach-agent.ts";
import { targetBranch } from "../target-branch.ts";
import type { Check, StoreTools } from "./tools.ts";
import { worktrees } from "./worktrees.ts";

export const orphans: readonly Check[] = [
  { id: "sessions-gone", needs: "store", look: sessions, fix: endSession },
  { id: "sessions-unreached", needs: "store", look: unreached, fix: reachAgain },
  { id: "panes-left", needs: "store", look: panes, fix: closePane },
  ...worktrees,
  { id: "branches-left", needs: "store", look: branches },
  {
    id: "scratch-left",
    needs: "store",
    look: scratches,
    async fix({ files }) {
      await files.sweepScratches();
      return "removed scratch worktrees of merges that were killed";
    },
  },
  {
    id: "sockets-left",
    needs: "store",
    look: sockets,
    async fix({ files }, { about }) {
      await files.removeSocket(about);
      return `removed ${about}`;
    },
  },
];

const some = (said: string, problems: Problem[]): Look => ({ said, problems });

async function sessions({ store, team }: StoreTools): Promise<Look> {
  const live = store.sessions.live();
  if (live.length === 0) return healthy();
  const seen = await survey(await team(), live);
  const gone = seen.filter(({ state }) => state.state === "dead" && state.by?.source === "process");
  const problems = gone.map(({ session, state }) => {
    const task = store.agents.get(session.agent)?.task ?? "<task>";
    return mends("fail", {
      what: `${session.agent} counts as running, but has gone`,
      evidence: `session ${session.id}: ${state.detail}`,
      fix: `ov doctor --fix ends the session; again: ov sling ${task} --name ${session.agent} --recover`,
      about: session.agent,
    });
  });
  return some(`${live.length - gone.length} running`, problems);
}

/** Agents that may be at work where nobody can look, and that nobody may begin anew. */
async function unreached({ store, team }: StoreTools): Promise<Look> {
  const live = store.sessions.live();
  if (live.length === 0) return healthy();
  const seen = await survey(await team(), live);
  const problems = seen.flatMap(({ session, unreached: reason }) => {
    if (!reason) return [];
    const words = {
      what: `${session.agent} cannot be reached, and may be at work`,
      evidence: `session ${session.id}: ${reason.why}`,
      fix: reason.fix,
      about: session.agent,
    };
    return reason.mends ? mends("fail", words) : fails(words);
  });
  return some("", problems);
}

async function reachAgain({ store, team }: StoreTools, { about }: Problem): Promise<string> {
  const live = store.sessions.live().filter(({ agent }) => agent === about);
  const [seen] = await witness(await team(), live);
  if (seen?.unreached) throw new AppError("refused", seen.unreached.why, seen.unreached.fix);
  return `the tmux server of ${about} can be reached again`;
}

async function endSession({ store, team }: StoreTools, { about }: Problem): Promise<string> {
  const live = store.sessions.live().filter(({ agent }) => agent === about);
  const tools = await team();
  for (const one of await survey(tools, live)) reap(tools, one);
  return `ended the session of ${about}; its mail, worktree and branch stay`;
}

/** Panes with our mark whose session has ended. What a person opened there has none. */
async function leftPanes({ store, team, sockets }: StoreTools) {
  const { terminal, launcher } = await team();
  const live = new Set(store.sessions.live().map(({ id }) => id));
  const all = await Promise.all(sockets.map((socket) => terminal.panes(socket)));
  return all
    .flat()
    .filter(
      ({ mark, dead }) => mark !== "" && !mark.startsWith("carrier") && !dead && !live.has(mark),
    )
    .map((pane) => {
      const session = store.sessions.get(pane.mark);
      // Its program may be at work still, and only a person can tell.
      const isOver = session !== undefined && launcher.process(session).exitCode !== undefined;
      return { pane, agent: session?.agent, isOver };
    });
}

const paneName = ({ socket, pane }: FoundPane) => `${socket} ${pane}`;

async function panes(tools: StoreTools): Promise<Look> {
  const problems = (await leftPanes(tools)).map(({ pane, agent, isOver }) => {
    const words = {
      what: agent
        ? `a pane of ${agent} is left of a session that has ended`
        : "a pane belongs to a session that this project's store does not know",
      evidence: `${pane.pane} on ${pane.socket}: ${isOver ? "its program has ended" : `${pane.command} runs`}`,
      about: paneName(pane),
    };
    const socket = `${pane.socket.includes("/") ? "-S" : "-L"} ${shellWord(pane.socket)}`;
    const close = `tmux ${socket} kill-pane -t ${pane.pane}`;
    return isOver
      ? mends("warn", { ...words, fix: `ov doctor --fix closes it, or: ${close}` })
      : warns({ ...words, fix: `look, then end it: ${close}` });
  });
  return some("", problems);
}

async function closePane(tools: StoreTools, { about }: Problem): Promise<string> {
  const { terminal } = await tools.team();
  const found = (await leftPanes(tools)).find(({ pane }) => paneName(pane) === about);
  if (found?.isOver) await terminal.close(found.pane);
  return `closed ${about}`;
}

/** Branches of agents that nobody works on: merged ones, and those whose agent was removed. */
async function branches({ repo, store, config, branches: list }: StoreTools): Promise<Look> {
  const into = await targetBranch(repo, config.into);
  const held = new Set([
    ...(await repo.worktrees()).map(({ branch }) => branch),
    ...store.agents.list().map(({ branch }) => branch ?? undefined),
  ]);
  const all = await list(into);
  const names = all.map(({ branch }) => branch);
  const own = new Set(await ownBranches({ repo, store }, names));
  const left = all.filter(({ branch }) => workOf(branch) && own.has(branch) && !held.has(branch));
  const problems = left.map(({ branch, merged }) =>
    warns({
      what: `nobody works on the branch ${branch}`,
      evidence: merged ? `${into} holds all of it` : `it has commits that ${into} does not hold`,
      fix: merged ? `git branch -d ${shellWord(branch)}` : `ov merge --branch ${shellWord(branch)}`,
    }),
  );
  return some("", problems);
}

function scratches({ files }: StoreTools): Look {
  const found = files.scratches();
  if (found.length === 0) return healthy();
  const words = {
    what: "a merge that was killed has left its scratch worktree",
    evidence: found.map((name) => `.overture/tmp/${name}`).join(", "),
    fix: "ov doctor --fix removes it, as the next merge does",
  };
  return some("", [mends("warn", words)]);
}

async function sockets({ files, sockets: own }: StoreTools): Promise<Look> {
  const problems = (await files.sockets(own)).map((path) =>
    mends("warn", {
      what: "a tmux server of another team has ended, and its socket is left",
      evidence: `nobody answers at ${path}, which is older than a day`,
      fix: "ov doctor --fix removes it",
      about: path,
    }),
  );
  return some("", problems);
}
