import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { type GitSetting, runsProgram } from "../../domain/git-settings.ts";
import type { SettingsNote } from "../../ports/repo.ts";
import { listIfThere, readIfThere, writeWhole } from "../files.ts";
import { besideGit, commonGitDir } from "../git-folder.ts";
import { sha256 } from "../sha256.ts";
import { git, OURS } from "./command.ts";
import { strayWorktrees } from "./strays.ts";

/** A link that leads in a circle is none. */
const isFile = (path: string) => existsSync(path) && statSync(path).isFile();

/** See `SettingsNote`. Runs nothing but `git config`, which runs no program itself. */
export function settingsNote(root: string): SettingsNote {
  const path = besideGit(root, "git-settings.json");
  return {
    find: () => findSettings(root, commonGitDir(root)?.common),
    noted() {
      const text = path === undefined ? undefined : readIfThere(path);
      return text === undefined ? undefined : parse(text);
    },
    note(settings) {
      if (path !== undefined) writeWhole(path, `${JSON.stringify({ settings }, null, 1)}\n`);
    },
  };
}

/** Of one that cannot be read nothing is known: all that is set has to be accepted. */
function parse(text: string): GitSetting[] {
  const isSetting = (one: GitSetting | null) =>
    typeof one?.name === "string" && typeof one.value === "string";
  try {
    const { settings } = JSON.parse(text) as { settings: GitSetting[] };
    if (Array.isArray(settings) && settings.every(isSetting)) return settings;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  return [];
}

async function findSettings(root: string, common: string | undefined): Promise<GitSetting[]> {
  const { settings, hasOwn, included } = await ofRepository(root);
  if (common === undefined) return settings;
  const more: GitSetting[] = [];
  for (const path of included.filter(isFile)) more.push(...(await ofFile(path)));
  for (const path of hasOwn ? worktreeFiles(common) : []) more.push(...(await ofFile(path)));
  for (const path of moduleFiles(join(common, "modules"))) {
    const found = (await ofFile(path)).filter(({ name }) => name !== "core.worktree");
    const where = relative(common, dirname(path));
    more.push(...found.map(({ name, value }) => ({ name: `${where}: ${name}`, value })));
  }
  const all = [
    ...settings,
    ...more,
    ...hooksIn(join(common, "hooks")),
    ...strayWorktrees(root, common),
  ];
  const byText = new Map(all.map((one) => [`${one.name}\0${one.value}`, one]));
  return [...byText.values()];
}

/** Those that hold for the checkout at `root`, with what they include; not the person's own file. */
async function ofRepository(root: string) {
  const args = ["config", "--list", "--show-origin", "--show-scope", "-z"];
  const words = (await git(root, args, OURS)).stdout.split("\0");
  const entries: GitSetting[] = [];
  const included: string[] = [];
  for (let at = 0; at + 2 < words.length; at += 3) {
    if (!/^(local|worktree)$/.test(words[at]!)) continue;
    const entry = entryOf(words[at + 2]!);
    entries.push(entry);
    const from = dirname(resolve(root, words[at + 1]!.replace(/^file:/, "")));
    // Also where its condition does not hold here: it may in the next worktree.
    if (/^include(if\..*)?\.path$/.test(entry.name)) included.push(wayTo(entry.value, from));
  }
  const hasOwn = entries.some(
    ({ name, value }) => name === "extensions.worktreeconfig" && !/^(false|no|off|0)$/i.test(value),
  );
  return { settings: programsOf(entries), hasOwn, included };
}

const wayTo = (path: string, from: string) => resolve(from, path.replace(/^~(?=\/)/, homedir()));

async function ofFile(path: string): Promise<GitSetting[]> {
  const args = ["config", "--file", path, "--includes", "--list", "-z"];
  const entries = (await git(dirname(path), args, OURS)).stdout.split("\0").filter(Boolean);
  return programsOf(entries.map(entryOf));
}

/** A key without a value means true. */
function entryOf(text: string): GitSetting {
  const end = text.indexOf("\n");
  return end < 0
    ? { name: text, value: "true" }
    : { name: text.slice(0, end), value: text.slice(end + 1) };
}

const programsOf = (entries: readonly GitSetting[]) =>
  entries.filter(({ name, value }) => runsProgram(name, value));

/** Settings of one worktree each. */
function worktreeFiles(common: string): string[] {
  const trees = join(common, "worktrees");
  const folders = [common, ...listIfThere(trees).map((name) => join(trees, name))];
  return folders.map((folder) => join(folder, "config.worktree")).filter(isFile);
}

/** The settings of submodules, which may have some of their own. No link is gone through twice. */
function moduleFiles(folder: string): string[] {
  const kind = lstatSync(folder, { throwIfNoEntry: false });
  if (isFile(join(folder, "HEAD"))) {
    const inner = kind?.isDirectory() ? moduleFiles(join(folder, "modules")) : [];
    return [join(folder, "config"), ...inner].filter(isFile);
  }
  const below = kind?.isDirectory() ? listIfThere(folder) : [];
  return below.flatMap((name) => moduleFiles(join(folder, name)));
}

/** Git runs only those that may be executed. */
function hooksIn(folder: string): GitSetting[] {
  const names = listIfThere(folder).filter((name) => !name.endsWith(".sample"));
  return names.sort().flatMap((name) => {
    const path = join(folder, name);
    if (!isFile(path) || (statSync(path).mode & 0o111) === 0) return [];
    return [{ name: `hooks/${name}`, value: `sha256:${sha256(readFileSync(path))}` }];
  });
}
