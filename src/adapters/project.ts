import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../domain/errors.ts";
import { checkName } from "../domain/name.ts";
import { shellWord } from "../domain/text.ts";
import type { Marker } from "../ports/store.ts";
import { tighten } from "./project-modes.ts";
import { denied } from "./trouble.ts";

/** Where a project's files are. Everything of ours is under `home`. */
export interface Project {
  root: string;
  /** `<root>/.overture`, mode 0700, with a .gitignore of its own. */
  home: string;
  database: string;
  config: string;
  worktrees: string;
}

export function projectAt(root: string): Project {
  const home = join(root, ".overture");
  return {
    root,
    home,
    database: join(home, "overture.db"),
    config: join(home, "config.yaml"),
    worktrees: join(home, "worktrees"),
  };
}

/**
 * The project of a folder: `OV_ROOT`, else the nearest folder upwards that holds one. Where the
 * settings are committed, every checkout has them: see `ownerOf`. bin/ov does the same in sh.
 */
export function findProject(cwd: string, named: string | undefined): Project {
  if (named !== undefined) {
    if (hasSettings(named)) return projectAt(ownerOf(realpathSync(named)));
    throw new AppError("not_found", `no project at ${named}`, "unset OV_ROOT, or run: ov init");
  }
  for (let dir = realpathSync(whatStands(cwd)); ; dir = dirname(dir)) {
    if (hasSettings(dir)) return projectAt(ownerOf(dir));
    if (dir === dirname(dir)) break;
  }
  throw new AppError("not_found", `no Overture project in ${cwd} or above it`, "run: ov init");
}

/** The current folder, also where somebody has removed it, as the worktree that a shell or a hook still stands in. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    // A shell has emptied PWD then; Linux still has the name.
    try {
      return readlinkSync("/proc/self/cwd").replace(/ \(deleted\)$/, "");
    } catch {
      return "/";
    }
  }
}

/** The folder, else the nearest above it that is there. */
const whatStands = (dir: string): string => (existsSync(dir) ? dir : whatStands(dirname(dir)));

/** Where we are: the folder that a person named, else the current one. Throws `not_found`. */
export function folderOf(cwd: string, named: string | undefined): string {
  if (named === undefined) return cwd;
  const path = resolve(cwd, named);
  if (existsSync(path)) return path;
  throw new AppError(
    "not_found",
    `there is no folder ${path}`,
    "cd to one that is there, or name it: --project <dir>",
  );
}

const hasStore = (dir: string) => existsSync(join(dir, ".overture", "overture.db"));

/**
 * The project that a folder with settings belongs to: the one that made it, if it is a worktree of
 * an agent or of a gate; the main checkout's, if it is a linked worktree without a store of its
 * own; else itself.
 */
function ownerOf(dir: string): string {
  const maker = makerOf(dir);
  if (maker !== undefined || hasStore(dir)) return maker ?? dir;
  const main = mainCheckoutOf(dir);
  return main !== undefined && hasStore(main) && hasSettings(main) ? main : dir;
}

/** The project in whose `.overture` folder this stands. */
function makerOf(dir: string): string | undefined {
  const [maker, inside] = dir.split(/\/\.overture\/(?=(?:worktrees|tmp)\/)/);
  return inside !== undefined && maker && hasSettings(maker) ? maker : undefined;
}

function mainCheckoutOf(dir: string): string | undefined {
  const pointer = statSync(join(dir, ".git"), { throwIfNoEntry: false });
  if (!pointer?.isFile()) return undefined;
  const path = /^gitdir: (.+)$/m.exec(readFileSync(join(dir, ".git"), "utf8"))?.[1];
  return path && /^(.+)\/\.git\/worktrees\/[^/]+$/.exec(resolve(dir, path))?.[1];
}

/** Throws `permission` for a project that this user may not enter. */
function hasSettings(root: string): boolean {
  const home = join(root, ".overture");
  try {
    return statSync(join(home, "config.yaml"), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A folder above that may not be searched can hold no project of this user.
    if (code === "EACCES" && existsSync(home)) throw denied(home, error);
    if (code === "EACCES" || code === "ENOTDIR" || code === "ELOOP") return false;
    throw error;
  }
}

/** Markers are empty files `<home>/mail/<agent>`; the hook launcher in bin/ov tests for them. */
export function markers(home: string): Marker {
  const path = (recipient: string) => join(home, "mail", recipient);
  return {
    set(recipient) {
      try {
        closeSync(openSync(path(recipient), "a", 0o600));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        mkdirSync(join(home, "mail"), { recursive: true, mode: 0o700 });
        closeSync(openSync(path(recipient), "a", 0o600));
      }
    },
    clear: (recipient) => rmSync(path(recipient), { force: true }),
  };
}

const kickFile = (home: string) => join(home, "kick");

/** Marks that a dispatcher is wanted; bin/ov looks for it at each hook. */
export function askForKick(home: string): void {
  closeSync(openSync(kickFile(home), "a", 0o600));
}

/** Whether one was wanted. Taken before it is answered, so that a later wish is not lost. */
export function takeKick(home: string): boolean {
  const wanted = existsSync(kickFile(home));
  rmSync(kickFile(home), { force: true });
  return wanted;
}

const CONFIG = `# Overture. Every setting: docs/config.md
project:
  name: {{name}}
# What ov sling starts: claude, codex, gemini, opencode or scripted.
runtime: claude
mail:
  # Messages that one agent may send in a minute; 0 means no limit. You and your scripts have none.
  ratePerMinute: 60
merge:
  # Shell commands that must pass on the merged tree before the target moves.
  gates: []
`;

/**
 * Makes a project of the repository that holds `cwd`, or finds it made. Writes nothing else.
 * `ready` is what must work before it counts as made: where anything fails, a folder that was not
 * there before is removed again.
 */
export function initProject(
  cwd: string,
  name: string | undefined,
  force: boolean,
  ready: (project: Project) => void = () => undefined,
): Project & { isNew: boolean } {
  const here = repositoryOf(realpathSync(cwd));
  const maker = makerOf(here);
  const root = maker ?? here;
  if (maker !== undefined && force) {
    const message = `${here} is a worktree of the project ${maker}`;
    throw new AppError("refused", message, `cd ${shellWord(maker)}, and run it there`);
  }
  const project = projectAt(root);
  const fallback = basename(root)
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[-_]+/, "");
  const chosen = checkName(name ?? (fallback.slice(0, 40) || "project"), "project name");
  const isThere = existsSync(project.home);
  try {
    const isNew = makeFolders(project, CONFIG.replace("{{name}}", chosen), force);
    ready(project);
    return { ...project, isNew };
  } catch (error) {
    if (!isThere) rmSync(project.home, { recursive: true, force: true });
    throw error;
  }
}

function repositoryOf(cwd: string): string {
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (existsSync(join(dir, ".git"))) return dir;
    if (dir === dirname(dir)) break;
  }
  throw new AppError("refused", `${cwd} is in no git repository`, "run: git init");
}

function makeFolders(project: Project, config: string, force: boolean): boolean {
  const isNew = !existsSync(project.config);
  for (const dir of ["", "mail", "hooks", "agents", "worktrees", "tmp", "specs"]) {
    mkdirSync(join(project.home, dir), { recursive: true, mode: 0o700 });
  }
  writeFileSync(join(project.home, ".gitignore"), "*\n");
  if (isNew || force) {
    // Appears whole: on a full disk the old settings stay.
    writeFileSync(`${project.config}.new`, config, { mode: 0o600 });
    renameSync(`${project.config}.new`, project.config);
  }
  tighten(project.home);
  return isNew;
}
