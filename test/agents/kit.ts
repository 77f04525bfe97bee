import { statSync } from "node:fs";
import { join, resolve } from "node:path";

/** Tests, figures and chaos all run from the project's root, the latter two as bundles elsewhere. */
const AGENTS_DIR = resolve(process.env.OV_AGENTS_DIR ?? "test/agents");

/** A pinned agent program in a home of its own, against a model on loopback. */
export interface AgentKit {
  /** As in `ov sling --runtime`. */
  runtime: string;
  /** The npm package in test/agents/package.json. */
  package: string;
  /** False until `npm install --no-save --prefix test/agents` has run. */
  installed(): boolean;
  /** Fills `dir` (exists, empty) as the program's HOME; never touches the person's own. */
  prepare(place: { dir: string; trusted: readonly string[]; modelUrl: string }): AgentHome;
  /** A prompt that opens a permission dialog; default `RUN: touch made-by-dialog`. */
  ask?: string;
  /** Keys that refuse a dialog; default Escape. */
  refuse?: string[];
  /** Keys that empty the composer; default Ctrl+U. */
  clear?: string[];
  /** The command that shortens its conversation; default `/compact`. */
  compact?: string;
  /** What the screen shows once a turn works. */
  working?: RegExp;
  /** What a person waits between the last letter and Enter; default 0. */
  settleMs?: number;
  /** Its own door takes letters beside a draft or a reader's copy mode. */
  ringsPastDrafts?: boolean;
  /** How the program writes what a hook says, where it cannot be made to leave it as it is. */
  written?: (text: string) => string;
  /** Where its doors have other names than those of hooks. */
  doors?: { idle?: RegExp; tool?: RegExp; stop?: RegExp };
}

export interface AgentHome {
  /** What the program needs in its environment besides PATH and TERM: HOME, dummy key, model URL. */
  env: Record<string, string>;
  /** Goes into `runtimes.<name>` of a config: permission dialogs must be on. */
  command: string;
  args: string[];
}

/** The program's path, and whether a whole one is there: a failed install leaves a stub. */
export const binOf = (name: string): string => join(AGENTS_DIR, "node_modules", ".bin", name);
export const isThere = (path: string, bytes = 1): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= bytes;
