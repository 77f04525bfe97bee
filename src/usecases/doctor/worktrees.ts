import { AppError } from "../../domain/errors.ts";
import { fails, healthy, type Look, mends, type Problem, warns } from "../../domain/finding.ts";
import { shellWord } from "../../domain/text.ts";
import { cleanWorktrees, listWorktrees } from "../clean-worktrees.ts";
import { repairMoved } from "../repair-moved.ts";
import type { Check, StoreTools } from "./tools.ts";

export const worktrees: readonly Check[] = [
  { id: "worktrees-gone", needs: "store", look: gone, fix: forget },
  { id: "worktrees-left", needs: "store", look: left, fix: clean },
  { id: "worktrees-unknown", needs: "store", look: unknown },
];

const some = (said: string, problems: Problem[]): Look => ({ said, problems });

/** Worktrees that git or the store knows, and whose folder somebody has deleted. */
async function gone({ repo, store, files }: StoreTools): Promise<Look> {
  const listed = (await repo.worktrees()).filter(({ agent }) => agent !== undefined);
  const known = new Map(listed.map(({ agent, path, branch }) => [agent!, { path, branch }]));
  for (const { name, worktree, branch } of store.agents.list()) {
    if (worktree !== null && !known.has(name)) {
      known.set(name, { path: worktree, branch: branch ?? undefined });
    }
  }
  const missing = [...known].filter(([, { path }]) => !files.exists(path));
  const here = new Set(files.sandboxes().flatMap(({ name, linked }) => (linked ? [name] : [])));
  const problems = missing.map(([name, { path, branch }]) => {
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
async function forget({ repo, store, files }: StoreTools, { about }: Problem): Promise<string> {
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
async function left(tools: StoreTools): Promise<Look> {
  const { store, files } = tools;
  const isLeft = (name: string, path: string) => !store.agents.get(name) && files.exists(path);
  const listed = (await tools.repo.worktrees()).filter(
    ({ agent, path }) => agent !== undefined && isLeft(agent, path),
  );
  if (listed.length === 0) return healthy();
  const { into, worktrees } = await listWorktrees(tools);
  const left = worktrees.filter(({ agent, path }) => isLeft(agent, path));
  const problems = await Promise.all(
    left.map(async ({ agent, path, dirty, unmerged }) => {
      const words = { what: `the worktree ${agent} belongs to no agent`, about: agent };
      const force = `ov worktree clean ${agent} --force`;
      const workers = await tools.workersIn(path);
      if (workers.length > 0) {
        const evidence = `${path}: ${workers.slice(0, 3).join(", ")} there`;
        return warns({
          ...words,
          evidence,
          fix: `look who that is; then: ov worktree clean ${agent}`,
        });
      }
      if (dirty.length + unmerged.length === 0) {
        const ignored = await tools.repo.ignored(path);
        const clean = `${path}: ${into} holds all of it`;
        if (ignored.length === 0) {
          return mends("warn", { ...words, evidence: clean, fix: "ov doctor --fix removes it" });
        }
        const files = ignored.slice(0, 3).join(", ");
        const evidence = `${clean}, but what git ignores there: ${files}`;
        return warns({ ...words, evidence, fix: `look; then: ov worktree clean ${agent}` });
      }
      const held = [...dirty, ...unmerged].slice(0, 3).join("; ");
      const evidence = `${path}: ${dirty.length} files in no commit, ${unmerged.length} commits not in ${into}: ${held}`;
      return warns({ ...words, evidence, fix: `look; then: ${force}` });
    }),
  );
  return some("", problems);
}

async function clean(tools: StoreTools, { about }: Problem): Promise<string> {
  const { worktrees } = await cleanWorktrees(tools, { agent: about });
  const kept = worktrees.find(({ removed }) => !removed);
  if (kept) throw new AppError("refused", `${about} is kept: ${kept.reason}`);
  return `removed the worktree ${about}`;
}

/** Folders beside the worktrees that git does not know, as after the project was moved. */
async function unknown({ repo, store, files }: StoreTools): Promise<Look> {
  const known = new Set((await repo.worktrees()).flatMap(({ agent }) => agent ?? []));
  // Of a project that was moved: told by `gone`.
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
