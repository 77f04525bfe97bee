import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { kill, env as own, platform } from "node:process";
import type { PaneRef } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { Look } from "../ports/terminal.ts";
import { birthOf, isElsewhere, kinOf, mayLive } from "./alive.ts";
import { findProgram } from "./find-program.ts";

/** A server's process and its socket's file, without a question to tmux itself. */
type Server = Pick<PaneRef, "socket" | "serverPid" | "serverBorn">;

/** What the system takes as a socket's path, without the byte that ends it (`sun_path`). */
export const MAX_BYTES = platform === "linux" ? 107 : 103;

/** tmux's folder of sockets: `$TMUX_TMPDIR`, else `/tmp`, and a folder for each user (3.3a). */
const folderIn = (base: string) => join(base, `tmux-${process.getuid?.() ?? 0}`);

/** A name is below the folder of the server that has it, else of this process. */
export function pathOf({ socket, serverPid }: { socket: string; serverPid?: number }): string {
  if (socket.includes("/")) return socket;
  const base = (serverPid && tmpdirOf(serverPid)) || own.TMUX_TMPDIR || "/tmp";
  return join(folderIn(existsSync(base) ? realpathSync(base) : base), socket);
}

/** `TMUX_TMPDIR` as a server was started with; undefined where it had none or cannot be asked. */
function tmpdirOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return words.find((word) => word.startsWith("TMUX_TMPDIR="))?.slice("TMUX_TMPDIR=".length);
  } catch {
    // It has ended, is another user's, or this is no Linux: the caller's own is as good as any.
    return undefined;
  }
}

export const bornOf = (serverPid: number): string | undefined => birthOf(serverPid);

/** False only where it is proved that the server has ended. */
export function serverMayLive({ serverPid, serverBorn }: Server): boolean {
  if (serverBorn === undefined) return isTmux(serverPid);
  return isElsewhere(serverBorn) || mayLive(serverPid, serverBorn);
}

const isTmux = (pid: number) => pid > 1 && /(^|\/)tmux/.test(kinOf(pid).name);

/** Its own process, seen from here: what is sent to it reaches nobody else. */
const isOwn = (server: Server) =>
  !(server.serverBorn && isElsewhere(server.serverBorn)) && serverMayLive(server);

/** Nobody listens at the path; other failures of tmux say nothing about who does. */
const NOBODY = /no server running|error connecting to .*\((No such file|Connection refused)/;

/**
 * What is known of a pane whose server did not answer. `said`: tmux's complaint; undefined where
 * another server answered at its path.
 */
export function unanswered(ref: PaneRef, said: string | undefined): Look {
  if (!serverMayLive(ref)) return { gone: "server" };
  const path = pathOf(ref);
  const { serverPid: pid } = ref;
  const because = (why: string, fix: string, mends = false) => ({
    unreached: { why, fix, mends },
  });
  if (ref.serverBorn && isElsewhere(ref.serverBorn)) {
    return because(
      `its tmux server runs in another container, or did before this one was restarted: ${path}`,
      "call ov there; if that one is gone, ov stop says what to type",
    );
  }
  if (said === undefined) {
    const why = `another tmux server answers at its socket ${path}; its own is process ${pid}`;
    return because(why, "ov stop ends its program by its process");
  }
  if (/did not end within/.test(said)) {
    const why = `its tmux server, process ${pid}, does not answer`;
    return because(why, `is it stopped? kill -CONT ${pid}`);
  }
  if (!NOBODY.test(said)) {
    const why = `its tmux server cannot be asked: ${said.trim() || "no answer"}`;
    return because(why, "call ov as the user who started it, outside of a sandbox");
  }
  if (!existsSync(path)) {
    const fix = `ov doctor --fix has it back, or: kill -USR1 ${pid}`;
    return because(`its tmux socket is gone: ${path}`, fix, true);
  }
  const why = `its tmux server, process ${pid}, does not listen at ${path}`;
  return because(why, `rm ${path} && kill -USR1 ${pid}`, lstatSync(path).isSocket());
}

/** Asks the server to make its socket's file again; false: it is there, or that cannot be done. */
export function askForSocket(server: Server): boolean {
  const path = pathOf(server);
  if (!isOwn(server)) return false;
  const found = lstatSync(path, { throwIfNoEntry: false });
  // tmux removes what is there: nobody's file.
  if (found && !found.isSocket()) return false;
  try {
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { mode: 0o700 });
    kill(server.serverPid, "SIGUSR1");
    return true;
  } catch {
    // Another user's, or in a sandbox: the look that follows says that nobody answers.
    return false;
  }
}

export const hasSocket = (server: Server): boolean =>
  lstatSync(pathOf(server), { throwIfNoEntry: false }) !== undefined;

/** Ends the pane's first process, which its unreachable server started; the pane closes with it. */
export function endPane({ panePid, ...server }: PaneRef): boolean {
  if (!isOwn(server) || kinOf(panePid).parent !== server.serverPid) return false;
  kill(panePid, "SIGKILL");
  return true;
}

/** Throws `refused` where no program of this name is on PATH. */
export function checkInstalled(name: string): void {
  if (findProgram(name, own.PATH) !== undefined) return;
  const hint = `install ${name}, or put its folder on PATH`;
  throw new AppError("refused", `${name} is not installed`, hint);
}

/** Throws `refused` where tmux could make no socket, with what to set. */
export function checkSocket(socket: string): void {
  const path = pathOf({ socket });
  const bytes = Buffer.byteLength(path);
  const hint = "set TMUX_TMPDIR to a folder with a short path, or tmux.socket in the config";
  const refuse = (why: string, what = hint) => {
    throw new AppError("refused", `tmux can have no socket at ${path}: ${why}`, what);
  };
  if (bytes > MAX_BYTES) {
    refuse(`the path has ${bytes} bytes, and the system takes ${MAX_BYTES}`);
  }
  const isName = !socket.includes("/");
  const folder = isName ? dirname(dirname(path)) : dirname(path);
  const base = statSync(folder, { throwIfNoEntry: false });
  if (!base?.isDirectory()) {
    const where = isName && own.TMUX_TMPDIR ? `TMUX_TMPDIR=${own.TMUX_TMPDIR}` : folder;
    refuse(`${where}: there is no such folder`, `mkdir -p ${folder}, or ${hint}`);
  }
  const below = isName ? statSync(dirname(path), { throwIfNoEntry: false }) : undefined;
  if (below && (below.uid !== process.getuid?.() || (below.mode & 0o007) !== 0)) {
    refuse(`tmux wants ${dirname(path)} for you alone`, `chmod 700 ${dirname(path)}, or ${hint}`);
  }
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there && !there.isSocket()) refuse("something else has this name");
}

/** Two projects may share a server by their settings; neither touches the other's panes. */
export function nameTaken(socket: string, window: string): AppError {
  const message = `the tmux server ${socket} has a session ${window} that is not of this project`;
  const look = `look: tmux -L ${socket} attach -t ${window}`;
  return new AppError(
    "refused",
    message,
    `${look}; a server of its own: tmux.socket in config.yaml`,
  );
}
