import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UNBORN } from "../domain/ending.ts";
import { AppError } from "../domain/errors.ts";
import type { Launcher, ProcessFacts } from "../ports/launcher.ts";
import { announce, forget } from "./adopted.ts";
import { isAlive, isElsewhere, mayLive, startOf } from "./alive.ts";
import { KEPT, keptIn, ONCE, printVariables } from "./environment-file.ts";
import { listIfThere, readIfThere } from "./files.ts";
import { LAUNCH_SCRIPT } from "./launch-script.ts";
import { quote } from "./quote.ts";
import { endBell } from "./runtimes/bell.ts";
import { KEY, newKey } from "./session-key.ts";

const read = (path: string) => readIfThere(path)?.trim();

function processFacts(dir: string): ProcessFacts {
  const pid = read(join(dir, "pid"));
  const code = read(join(dir, "exit"));
  const exitCode = code === undefined || code === "" ? undefined : Number(code);
  return {
    pid: pid ? Number(pid) : undefined,
    alive:
      exitCode === undefined && Boolean(pid) && isSame(Number(pid), read(join(dir, "started"))),
    exitCode,
    endedAt: statSync(join(dir, "exit"), { throwIfNoEntry: false })?.mtimeMs,
    isGone: !existsSync(dir),
  };
}

/** `started`: its start, so that a later process of the same number never counts as it. */
const isSame = (pid: number, started: string | undefined) =>
  started ? isElsewhere(started) || mayLive(pid, started) : isAlive(pid);

/** The script asks so often whether it may begin, and gives up after this time. */
const GO_POLL_MS = 20;
const GO_MS = 10_000;
const GRACE_MS = 3_000;
const POLL_MS = 50;
const CODE_MS = 500;

/** False when it is there already. */
function makeNew(dir: string): boolean {
  try {
    mkdirSync(dir, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Sessions keep their files in `<home>/agents/<name>/<generation>/`. */
export function launcher(home: string): Launcher {
  return {
    makeDir(agent, generation) {
      const parent = join(home, "agents", agent);
      mkdirSync(parent, { recursive: true, mode: 0o700 });
      // A start that was broken off may have left a folder, and a script that waits in it.
      for (let n = 1; ; n++) {
        const dir = join(parent, n === 1 ? `${generation}` : `${generation}.${n}`);
        if (makeNew(dir)) return dir;
      }
    },
    makeKey: () => ({ variable: KEY, ...newKey() }),
    write({ dir, cwd, argv, env, kept, once, files, links = [] }) {
      writeFileSync(join(dir, KEPT), printVariables(kept), { mode: 0o600 });
      writeFileSync(join(dir, ONCE), printVariables(once), { mode: 0o600 });
      for (const file of files) {
        mkdirSync(dirname(file.path), { recursive: true, mode: 0o700 });
        writeFileSync(file.path, file.text, { mode: 0o600 });
      }
      for (const { path, target, isFolder } of links) {
        if (isFolder) mkdirSync(target, { recursive: true, mode: 0o700 });
        symlinkSync(target, path);
      }
      const exports = Object.entries(env).map(([key, value]) => `export ${key}=${quote(value)}`);
      const script = LAUNCH_SCRIPT.replace("{{env}}", () => exports.join("\n"))
        .replace("{{unborn}}", String(UNBORN))
        .replace("{{tries}}", String(GO_MS / GO_POLL_MS))
        .replace("{{cwd}}", () => quote(cwd))
        .replace("{{dir}}", () => quote(dir))
        .replace("{{argv}}", () => argv.map(quote).join(" "));
      const path = join(dir, "launch.sh");
      writeFileSync(path, script, { mode: 0o700 });
      return path;
    },
    writeScript(path, argv, variables, again) {
      const lines = `unset TMUX TMUX_PANE\n${printVariables(variables)}`;
      const words = argv.map(quote).join(" ");
      const loop = `while ${words}; code=$?; [ "$code" -eq ${again} ]; do :; done\nexit "$code"`;
      writeFileSync(path, `#!/bin/sh\n${lines}${loop}\n`, { mode: 0o700 });
      return path;
    },
    folders: (agent) =>
      listIfThere(join(home, "agents", agent)).filter((name) => /^\d+(\.\d+)?$/.test(name)),
    removeFolder(agent, folder) {
      const parent = join(home, "agents", agent);
      rmSync(join(parent, folder), { recursive: true, force: true });
      if (listIfThere(parent).length === 0) rmSync(parent, { recursive: true, force: true });
    },
    hasBegun: ({ dir }) => existsSync(join(dir, "go")),
    begin: (dir) => writeFileSync(join(dir, "go"), `${Date.now()}\n`, { mode: 0o600 }),
    process: (session) => processFacts(session.dir),
    async exitCode({ dir }) {
      const until = Date.now() + CODE_MS;
      for (;;) {
        const { exitCode } = processFacts(dir);
        if (exitCode !== undefined || Date.now() >= until) return exitCode;
        await new Promise((done) => setTimeout(done, POLL_MS));
      }
    },
    living(agent) {
      const parent = join(home, "agents", agent);
      return listIfThere(parent)
        .map((name) => ({ dir: join(parent, name), ...processFacts(join(parent, name)) }))
        .filter(({ alive, dir }) => alive && existsSync(join(dir, "launch.sh")))
        .map(({ dir, pid }) => ({ dir, pid: pid! }));
    },
    remember({ dir }, pid) {
      writeFileSync(join(dir, "started"), `${startOf(pid) ?? "gone"}\n`, { mode: 0o600 });
      writeFileSync(join(dir, "pid"), `${pid}\n`, { mode: 0o600 });
    },
    announce: ({ agent, id, pane }, pid) => announce(home, pane, { agent, session: id, pid }),
    forget: ({ id, pane }) => forget(home, pane, id),
    kept: ({ dir }) => keptIn(dir),
    hookMark(agent) {
      const path = join(home, "hooks", agent);
      const text = read(path);
      if (text === undefined) return undefined;
      const [event = "", session] = text.split(" ");
      return { event, session, at: statSync(path).mtimeMs };
    },
    letGo: ({ dir }) => endBell(dir),
    async terminate({ dir: recorded }) {
      // A project that was moved has the folder below its own.
      const moved = join(home, "agents", basename(dirname(recorded)), basename(recorded));
      const dir = [recorded, moved].find((path) => existsSync(path));
      // Nothing is known of its program; it ends with its pane.
      if (dir === undefined) return true;
      const { pid, alive } = processFacts(dir);
      writeFileSync(join(dir, "told"), "", { mode: 0o600 });
      if (!alive || pid === undefined) return true;
      // Here, another process may have its number.
      if (isElsewhere(read(join(dir, "started")) ?? "")) {
        const message = `process ${pid} runs in another container, or did before this one was restarted`;
        const gone = `if that one is gone: rm ${join(dir, "pid")}, and again`;
        throw new AppError("refused", message, `call ov there; ${gone}`);
      }
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        // The job is its own process group: its children end with it.
        process.kill(-pid, signal);
        const until = Date.now() + GRACE_MS;
        while (isAlive(pid) && Date.now() < until) {
          await new Promise((done) => setTimeout(done, POLL_MS));
        }
        if (!isAlive(pid)) return true;
      }
      return false;
    },
  };
}
