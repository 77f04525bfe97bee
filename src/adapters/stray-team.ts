import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../domain/errors.ts";
import { shellWord } from "../domain/text.ts";
import { kinOf } from "./alive.ts";
import { readIfThere } from "./files.ts";

/** A pane of ours in which a launch script runs, whatever any store knows. */
interface Stray {
  root: string;
  agent: string;
  pid: number;
  server: number;
  /** Empty where it cannot be told. */
  socket: string;
}

const SCRIPT =
  /^(?:\S*\/)?sh '?(\/.+)\/\.overture\/agents\/([A-Za-z0-9_-]+)\/[0-9.]+\/launch\.sh'?(?: decided)?$/;

/** Loaded only here: a hook must not pay for it. */
function ps(...args: string[]): string {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const env = { PATH: "/bin:/usr/bin", LC_ALL: "C" };
  return spawnSync("ps", args, { env, encoding: "utf8" }).stdout ?? "";
}

/** Agents of this folder's project that live, found by their launch scripts, and are in no store. */
function straysOf(folder: string): Stray[] {
  const here = existsSync(folder) ? realpathSync(folder) : folder;
  const rows = ps("-eo", "pid=,ppid=,args=").split("\n");
  return rows.flatMap((line) => {
    const [, pid, parent, args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    const [, root, agent] = SCRIPT.exec(args) ?? [];
    if (!root || !agent || !`${here}/`.startsWith(`${root}/`)) return [];
    if (!isGone(join(root, ".overture", "overture.db"))) return [];
    const server = Number(parent);
    // What the script itself started has the same words.
    if (!/(^|\/)tmux/.test(kinOf(server).name)) return [];
    return [{ root, agent, pid: Number(pid), server, socket: socketOf(Number(pid)) }];
  });
}

/** False also for a store that this user may not look at: it is another's, and there. */
function isGone(store: string): boolean {
  try {
    statSync(store);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR";
  }
}

/** From what tmux gave the pane's first process; empty for another user's. */
function socketOf(pid: number): string {
  const words = environOf(pid) ?? ps("eww", "-o", "command=", "-p", `${pid}`);
  return /(?:^|\0|\s)TMUX=([^,\0]+),/.exec(words)?.[1] ?? "";
}

function environOf(pid: number): string | undefined {
  try {
    return readIfThere(`/proc/${pid}/environ`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") return "";
    throw error;
  }
}

/**
 * What to say where a project's store is gone (as after `git clean -fdx`) while its agents work:
 * who lives, how to look, what to do. Undefined: none lives.
 */
export function lostTeam(folder: string): AppError | undefined {
  const found = straysOf(folder);
  const [first] = found;
  if (!first) return undefined;
  const { root } = first;
  const who = found.map(({ agent, pid }) => `${agent} (process ${pid})`).join(", ");
  const lines = found.flatMap(({ agent, socket, server }) => [
    ...(socket === "" || existsSync(socket) ? [] : [`  kill -USR1 ${server}`]),
    `  tmux -u ${socket === "" ? "" : `-S ${shellWord(socket)} `}attach-session -t =${agent}`,
  ]);
  const pids = found.map(({ pid }) => pid).join(" ");
  const hint = [
    "nothing was made anew. Look at them, and let them commit what they have:",
    ...new Set(lines),
    "put .overture back from a copy if you have one. Else end them, and begin anew:",
    `  kill -HUP ${pids}`,
    "  ov init",
  ].join("\n    ");
  const what = `the store of ${root} is gone, as after git clean -fdx, and its agents live: ${who}`;
  return new AppError("refused", what, hint);
}
