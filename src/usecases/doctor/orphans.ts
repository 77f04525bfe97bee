import { AppError } from "../../domain/errors.ts";
import { fails, healthy, type Look, mends, type Problem, warns } from "../../domain/finding.ts";
import { workOf } from "../../domain/merge.ts";
import { shellWord } from "../../domain/text.ts";
import type { FoundPane } from "../../ports/terminal.ts";
import { cleanWorktrees, listWorktrees } from "../clean-worktrees.ts";
import { reap, survey } from "../observe-agent.ts";
import { ownBranches } from "../own-branches.ts";
import { witness } from "../reach-agent.ts";
import { repairMoved } from "../repair-moved.ts";
import { targetBranch } from "../target-branch.ts";
import type { Check, StoreTools } from "./tools.ts";

export const orphans: readonly Check[] = [
  { id: "sessions-gone", needs: "store", look: sessions, fix: endSession },
  { id: "sessions-unreached", needs: "store", look: unreached, fix: reachAgain },
  { id: "panes-left", needs: "store", look: panes, fix: closePane },
  { id: "worktrees-gone", needs: "store", look: worktreesGone, fix: forgetWorktree },
  { id: "worktrees-left", needs: "store", look: worktreesLeft, fix: cleanWorktree },
  { id: "worktrees-unknown", needs: "store", look: worktreesUnknown },
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

/** Worktrees that git or the store knows, and whose folder somebody has deleted. */
async function worktreesGone({ repo, store, files }: StoreTools): Promise<Look> {
  const listed = (await repo.worktrees()).filter(({ agent }) => agent !== undefined);
  const known = new Map(listed.map(({ agent, path, branch }) => [agent!, { path, branch }]));
  for (const { name, worktree, branch } of store.agents.list()) {
    if (worktree !== null && !known.has(name)) {
      known.set(name, { path: worktree, branch: branch ?? undefined });
    }
  }
  const gone = [...known].filter(([, { path }]) => !files.exists(path));
  const here = new Set(files.sandboxes().flatMap(({ name, linked }) => (linked ? [name] : [])));
  const problems = gone.map(([name, { path, branch }]) => {
    if (here.has(name)) {
      return mends("warn", {
        what: `the project was moved, and the worktree of ${name} is looked for in its old place`,
        evidence: `there is no folder ${path}`,
        fix: "ov doctor --fix repairs it, as ov resume and ov sling do",
        about: name,
      });
    }
    const words = {
      what: `the worktree of ${name} is gone`,
      evidence: `there is no folder ${path}`,
      about: name,
    };
    if (store.sessions.liveOf(name)) {
      const fix = `ov stop ${name}, then: ov doctor --fix`;
      return fails({ ...words, fix });
    }
    // Without a branch, git's record of it may be all that holds its commits.
    return branch === undefined
      ? warns({
          ...words,
          fix: `its commits are named in: git worktree list; then: git worktree prune`,
        })
      : mends("warn", { ...words, fix: `ov doctor --fix forgets it; the branch ${branch} stays` });
  });
  return some("", problems);
}

/** Without `force`: git refuses should the folder be there again, with work in it. */
async function forgetWorktree(
  { repo, store, files }: StoreTools,
  { about }: Problem,
): Promise<string> {
  if ((await repairMoved({ repo, store })).includes(about)) {
    return `repaired the worktree of ${about} after the project was moved`;
  }
  const listed = (await repo.worktrees()).find(({ agent }) => agent === about);
  if (listed && files.exists(listed.path)) {
    return `the worktree of ${about} is there again`;
  }
  if (listed) {
    await repo.removeWorktree(listed.path);
    const data = { path: listed.path, branch: listed.branch, branchDeleted: false };
    store.events.add("worktree.removed", { agent: about, data });
  }
  if (store.agents.get(about)) store.agents.update(about, { worktree: null });
  return `forgot the worktree of ${about}; its branch stays`;
}

/** Worktrees in our folder that belong to no agent any more. */
async function worktreesLeft(tools: StoreTools): Promise<Look> {
  const { store, files } = tools;
  const isLeft = (name: string, path: string) => !store.agents.get(name) && files.exists(path);
  const listed = (await tools.repo.worktrees()).filter(
    ({ agent, path }) => agent !== undefined && isLeft(agent, path),
  );
  if (listed.length === 0) return healthy();
  const { into, worktrees } = await listWorktrees(tools);
  const problems = worktrees
    .filter(({ agent, path }) => isLeft(agent, path))
    .map(({ agent, path, dirty, unmerged }) => {
      const words = { what: `the worktree ${agent} belongs to no agent`, about: agent };
      if (dirty.length + unmerged.length === 0) {
        const evidence = `${path}: ${into} holds all of it`;
        return mends("warn", { ...words, evidence, fix: "ov doctor --fix removes it" });
      }
      const held = [...dirty, ...unmerged].slice(0, 3).join("; ");
      const evidence = `${path}: ${dirty.length} files in no commit, ${unmerged.length} commits not in ${into}: ${held}`;
      return warns({ ...words, evidence, fix: `look; then: ov worktree clean ${agent} --force` });
    });
  return some("", problems);
}

async function cleanWorktree(tools: StoreTools, { about }: Problem): Promise<string> {
  const { worktrees } = await cleanWorktrees(tools, { agent: about });
  const kept = worktrees.find(({ removed }) => !removed);
  if (kept) throw new AppError("refused", `${about} is kept: ${kept.reason}`);
  return `removed the worktree ${about}`;
}

/** Folders beside the worktrees that git does not know, as after the project was moved. */
async function worktreesUnknown({ repo, store, files }: StoreTools): Promise<Look> {
  const known = new Set((await repo.worktrees()).flatMap(({ agent }) => agent ?? []));
  // Of a project that was moved: told by `worktreesGone`.
  for (const { name, worktree } of store.agents.list()) {
    if (worktree !== null && !files.exists(worktree)) known.add(name);
  }
  const problems = files
    .sandboxes()
    .filter(({ name }) => !known.has(name))
    .map(({ path, linked }) =>
      warns({
        what: `git does not know the worktree ${path}`,
        evidence: linked
          ? "its .git file leads elsewhere, as when the project was moved or copied"
          : "it has no .git file",
        fix: linked
          ? `git -C ${shellWord(repo.root)} worktree repair ${shellWord(path)}`
          : `look at it, and remove it: rm -r ${shellWord(path)}`,
      }),
    );
  return some("", problems);
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
