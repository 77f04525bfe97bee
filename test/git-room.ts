import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A repository of its own for one test, with what `ov init` makes, and the words to change it. */
export interface GitRoom {
  readonly root: string;
  readonly base: string;
  git(...args: string[]): string;
  gitIn(dir: string, ...args: string[]): string;
  write(path: string, text: string | Buffer): void;
  read(path: string): string;
  /** Writes files in the main checkout and commits them. Returns the commit. */
  commit(files: Record<string, string | Buffer>, message?: string): string;
  /** A branch from `from` with one commit, made in a worktree that is gone afterwards. */
  branch(name: string, files: Record<string, string | Buffer | null>, from?: string): string;
  /** Everything of a person that must not change: index, edits, untracked, stash, HEAD. */
  picture(dir?: string): Record<string, string>;
  remove(): void;
}

export function gitRoom(folder = "project"): GitRoom {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  const base = mkdtempSync(join(rooms, "git-"));
  const root = join(base, folder);
  mkdirSync(root);
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_DIR: undefined,
    GIT_OPTIONAL_LOCKS: "0",
  };
  const gitIn = (cwd: string, ...args: string[]) => {
    // A test may set the date in between.
    const { GIT_COMMITTER_DATE } = process.env;
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const options = { cwd, env: { ...env, GIT_COMMITTER_DATE }, stdio, encoding: "utf8" as const };
    return execFileSync("git", args, options);
  };
  const git = (...args: string[]) => gitIn(root, ...args);
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const commitIn = (dir: string, message: string) => {
    gitIn(dir, "add", "-A");
    gitIn(dir, "commit", "-q", "-m", message);
    return gitIn(dir, "rev-parse", "HEAD").trim();
  };
  git("init", "-q", "-b", "main");
  git("config", "user.name", "Person");
  git("config", "user.email", "person@example.org");
  write(".overture/.gitignore", "*\n");

  return {
    root,
    base,
    git,
    gitIn,
    write,
    read: (path) => readFileSync(join(root, path), "utf8"),
    commit(files, message = "change") {
      for (const [path, text] of Object.entries(files)) write(path, text);
      return commitIn(root, message);
    },
    branch(name, files, from = "main") {
      const dir = mkdtempSync(join(base, "work-"));
      git("worktree", "add", "-q", "-b", name, dir, from);
      for (const [path, text] of Object.entries(files)) {
        const full = join(dir, path);
        rmSync(full, { recursive: true, force: true });
        if (text === null) continue;
        mkdirSync(dirname(full), { recursive: true });
        writeFileSync(full, text);
      }
      const commit = commitIn(dir, `work on ${name}`);
      git("worktree", "remove", "--force", dir);
      return commit;
    },
    picture: (dir = root) => picture(dir, gitIn),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

function picture(dir: string, gitIn: GitRoom["gitIn"]): Record<string, string> {
  const others = ["ls-files", "--others", "-z", "--", ":!.overture"];
  const untracked = gitIn(dir, ...others)
    .split("\0")
    .filter((path) => path !== "");
  return {
    status: gitIn(dir, "status", "--porcelain=v2", "--ignored"),
    staged: gitIn(dir, "diff", "--cached", "--binary"),
    edits: gitIn(dir, "diff", "--binary"),
    stash: gitIn(dir, "stash", "list"),
    head: headName(dir, gitIn),
    ...Object.fromEntries(untracked.map((path) => [path, readFileSync(join(dir, path), "hex")])),
  };
}

function headName(dir: string, gitIn: GitRoom["gitIn"]): string {
  return readFileSync(join(gitIn(dir, "rev-parse", "--absolute-git-dir").trim(), "HEAD"), "utf8");
}

/** Names of scratch worktrees that are still there. */
export function scratches(room: GitRoom): string[] {
  const listed = room.git("worktree", "list").split("\n");
  return [
    ...listed.filter((line) => line.includes("scratch-")),
    ...readdirSync(join(room.root, ".overture", "tmp")),
  ];
}
