import { existsSync, lstatSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { RunResult } from "../process.ts";
import { git, OURS, zeroSplit } from "./command.ts";
import { gitDir } from "./worktrees.ts";

/** The repository of a submodule. `name` is its path below `modules`: `lib`, or `lib/modules/inner`. */
interface Module {
  name: string;
  dir: string;
}

interface Link {
  name: string;
  path: string;
  commit: string;
}

/** The paths of these calls are ours; a submodule may not use them otherwise (git 2.38.1). */
const LOCAL = { settings: [...OURS.settings, "protocol.file.allow=always"] };

/** Refs under which the commits of a submodule outlive the worktree in which they were made. */
const KEPT = "refs/overture/kept";

const words = (error: unknown): string => {
  if (error instanceof AppError) return error.message;
  throw error;
};

/**
 * Checks out the submodules of a fresh worktree, from repositories that this machine has: those of
 * the project's checkout, or of other worktrees. Nothing is fetched over a network. Returns what
 * could not be had.
 */
export async function fillSubmodules(root: string, dir: string): Promise<string[]> {
  if (!existsSync(join(dir, ".gitmodules"))) return [];
  return fill(dir, await moduleHomes(root), "");
}

async function fill(dir: string, homes: readonly string[], above: string): Promise<string[]> {
  const missing: string[] = [];
  for (const { name, path, commit } of await linksOf(dir)) {
    const known = homes.map((home) => join(home, "modules", name)).filter(isRepository);
    const source = await firstWith(known, commit);
    const said = `${above}${path}`;
    if (source === undefined) {
      const why =
        known.length > 0 ? `commit ${commit.slice(0, 12)} is not here` : "not set up here";
      missing.push(`submodule ${said} is missing (${why}): git submodule update --init ${said}`);
      continue;
    }
    try {
      await checkOut(dir, { name, path }, source);
    } catch (error) {
      missing.push(`submodule ${said} is missing: ${words(error)}`);
      continue;
    }
    missing.push(...(await fill(join(dir, path), known, `${said}/`)));
  }
  return missing;
}

async function checkOut(
  dir: string,
  { name, path }: Pick<Link, "name" | "path">,
  source: string,
): Promise<void> {
  const own = [`submodule.${name}.url=${source}`, `submodule.${name}.active=true`];
  const settings = [...LOCAL.settings, ...own];
  await git(dir, ["submodule", "--quiet", "update", "--checkout", "--", path], { settings });
  // A push must go where one from the person's checkout goes.
  const asked = ["config", "--get", "remote.origin.url"];
  const url = (await inModule(source, asked, { okCodes: [0, 1] })).stdout.trim();
  if (url !== "") await git(join(dir, path), ["config", "remote.origin.url", url]);
}

/** The git folders below which submodules may be found: the project's own first. */
async function moduleHomes(root: string): Promise<string[]> {
  const own = await ownHomes(root);
  const trees = join(own.at(-1)!, "worktrees");
  const names = existsSync(trees) ? await readdir(trees) : [];
  return [...new Set([...own, ...names.map((name) => join(trees, name))])];
}

async function ownHomes(root: string): Promise<string[]> {
  const { stdout } = await git(root, ["rev-parse", "--git-common-dir"]);
  return [...new Set([await gitDir(root), resolve(root, stdout.trim())])];
}

async function firstWith(repos: readonly string[], commit: string): Promise<string | undefined> {
  for (const dir of repos) {
    const args = ["cat-file", "-e", `${commit}^{commit}`];
    if ((await inModule(dir, args, { okCodes: "any" })).code === 0) return dir;
  }
  return undefined;
}

/** The submodules that the index of a checkout names. */
async function linksOf(dir: string): Promise<Link[]> {
  const entries = zeroSplit((await git(dir, ["ls-files", "--stage", "-z"], OURS)).stdout);
  const links = entries.filter((entry) => entry.startsWith("160000 "));
  if (links.length === 0) return [];
  const args = ["config", "-z", "-f", ".gitmodules", "--get-regexp", "^submodule\\..*\\.path$"];
  const named = existsSync(join(dir, ".gitmodules"))
    ? zeroSplit((await git(dir, args, { okCodes: [0, 1] })).stdout)
    : [];
  const names = new Map(
    named.map((line) => {
      const [key = "", path = ""] = line.split("\n");
      return [path, key.slice("submodule.".length, -".path".length)];
    }),
  );
  return links.map((entry) => {
    const [head = "", path = ""] = entry.split("\t");
    const name = names.get(path) ?? path;
    return {
      name: name.split("/").includes("..") ? path : name,
      path,
      commit: head.split(" ")[1]!,
    };
  });
}

/**
 * Copies the commits of submodules that only this worktree holds into the project's own
 * repositories of them. Returns those that no other repository can take, in words.
 */
export async function keepSubmodules(root: string, worktree: string): Promise<string[]> {
  if (!existsSync(join(worktree, ".git"))) return [];
  const homes = await ownHomes(root);
  const lost: string[] = [];
  for (const { name, dir } of await modulesOf(worktree)) {
    const keeper = homes.map((home) => join(home, "modules", name)).find(isRepository);
    const tips = await newTips(dir, keeper);
    if (tips.length === 0) continue;
    try {
      if (keeper === undefined) throw new AppError("refused", "your checkout does not have it");
      await handOver(dir, keeper, tips);
    } catch (error) {
      const short = tips.map((tip) => tip.slice(0, 12)).join(", ");
      const said = name.replaceAll("/modules/", "/");
      lost.push(`commit ${short} of the submodule ${said} is nowhere else (${words(error)})`);
    }
  }
  return lost;
}

async function handOver(from: string, to: string, tips: readonly string[]): Promise<void> {
  const lines = tips.map((tip) => `update ${KEPT}/${tip} ${tip}\n`).join("");
  await inModule(from, ["update-ref", "--stdin"], { input: lines });
  const how = ["--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no"];
  await inModule(to, ["fetch", ...how, "--", from, `+${KEPT}/*:${KEPT}/*`], LOCAL);
}

/** The youngest commits of this repository, by branch, HEAD or reflog, that the other lacks. */
async function newTips(dir: string, other: string | undefined): Promise<string[]> {
  const without = other === undefined ? ["--not", "--remotes", "--tags"] : [];
  const refs = ["for-each-ref", "--format=^%(objectname)"];
  const input = other === undefined ? "" : (await inModule(other, refs)).stdout;
  const list = ["rev-list", "--ignore-missing", "--parents", "--all", "--reflog"];
  const { stdout } = await inModule(dir, [...list, ...without, "--stdin"], { input });
  const rows = stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split(" ")]));
  const parents = new Set(rows.flatMap(([, ...above]) => above));
  return rows.flatMap(([commit]) => (parents.has(commit!) ? [] : [commit!]));
}

/** Every repository of a submodule that goes when this worktree is removed. */
async function modulesOf(worktree: string): Promise<Module[]> {
  const found = await modulesBelow(join(await gitDir(worktree), "modules"), "");
  for (const { name, path } of await linksOf(worktree)) {
    const dir = join(worktree, path, ".git");
    // As `git submodule add` of a clone that was there before leaves it.
    if (lstatSync(dir, { throwIfNoEntry: false })?.isDirectory()) found.push({ name, dir });
  }
  return found;
}

async function modulesBelow(folder: string, above: string): Promise<Module[]> {
  if (!existsSync(folder)) return [];
  const found: Module[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const [dir, name] = [join(folder, entry.name), `${above}${entry.name}`];
    if (isRepository(dir)) {
      found.push({ name, dir }, ...(await modulesBelow(join(dir, "modules"), `${name}/modules/`)));
    } else found.push(...(await modulesBelow(dir, `${name}/`)));
  }
  return found;
}

export async function hasSubmodules(worktree: string): Promise<boolean> {
  return existsSync(join(worktree, ".git")) && (await modulesOf(worktree)).length > 0;
}

/** After the worktree was renamed: each submodule and its repository name each other by paths. */
export async function rejoinSubmodules(worktree: string): Promise<void> {
  await rejoin(worktree, await gitDir(worktree));
}

async function rejoin(dir: string, home: string): Promise<void> {
  for (const { name, path } of await linksOf(dir)) {
    const [own, folder] = [join(home, "modules", name), join(dir, path)];
    const pointer = join(folder, ".git");
    if (!isRepository(own) || !lstatSync(pointer, { throwIfNoEntry: false })?.isFile()) continue;
    const text = `gitdir: ${relative(folder, own)}\n`;
    if ((await readFile(pointer, "utf8")) !== text) await writeFile(pointer, text);
    await inModule(own, ["config", "core.worktree", relative(own, folder)]);
    await rejoin(folder, own);
  }
}

const isRepository = (dir: string) =>
  existsSync(join(dir, "HEAD")) && existsSync(join(dir, "objects"));

/** Its own `core.worktree` may name a folder that is gone. */
function inModule(
  dir: string,
  args: readonly string[],
  options: Parameters<typeof git>[2] = {},
): Promise<RunResult> {
  return git(dir, [`--git-dir=${dir}`, `--work-tree=${dir}`, ...args], options);
}
