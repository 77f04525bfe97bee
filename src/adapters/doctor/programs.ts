import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import type { Installed, Programs } from "../../ports/doctor.ts";
import { readIfThere } from "../files.ts";
import { findProgram } from "../find-program.ts";
import { run } from "../process.ts";
import { TMUX, tmuxVersion } from "../tmux.ts";

/** A slow machine needs a second for what a started agent program says of itself. */
const VERSION_MS = 10_000;

const MANAGERS = [
  { program: "brew", install: "brew install" },
  { program: "apt-get", install: "sudo apt-get install -y" },
  { program: "dnf", install: "sudo dnf install -y" },
  { program: "pacman", install: "sudo pacman -S" },
  { program: "apk", install: "sudo apk add" },
];

const installer = (path: string | undefined): string =>
  MANAGERS.find(({ program }) => findProgram(program, path))?.install ??
  "with your package manager:";

/** What Overture itself runs, as it is found on this PATH. */
export async function ownPrograms(path: string | undefined): Promise<Programs> {
  const get = installer(path);
  const [git, tmux] = await Promise.all([saysVersion("git"), tmuxVersion()]);
  const at = (name: string, version: string | undefined): Installed => ({
    name,
    path: findProgram(name, path),
    version,
    install: `${get} ${name}`,
  });
  return {
    git: at("git", git),
    tmux: at(TMUX, tmux),
    ps: { ...at("ps", undefined), install: `${get} procps` },
  };
}

/** The first version in what a program says of itself. */
async function saysVersion(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ["--version"], { timeoutMs: VERSION_MS, okCodes: "any" });
    return /\d+\.\d+[\w.-]*/.exec(stdout)?.[0];
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * The version of an npm package by the file beside the program, which starts nothing: Gemini CLI
 * takes 1.7 s to say it, and leaves files (0.61.0). A program from elsewhere is asked.
 */
export async function versionOf(program: string, npm: string): Promise<string | undefined> {
  for (let dir = dirname(realpathSync(program)); dir !== dirname(dir); dir = dirname(dir)) {
    const { name, version } = JSON.parse(readIfThere(join(dir, "package.json")) ?? "{}");
    if (name === npm) return version;
  }
  return saysVersion(program);
}
