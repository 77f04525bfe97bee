import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Launcher, ProcessFacts } from "../ports/launcher.ts";
import { announce, forget } from "./adopted.ts";
import { isAlive, startOf } from "./alive.ts";
import { readIfThere } from "./files.ts";
import { endBell } from "./runtimes/bell.ts";

/** One word for sh, whatever it holds. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * What runs in a pane: the agent as a job of its own (`set -m` gives it the terminal's
 * foreground group, so tmux names it), and after it a sink that reads and drops input: a late
 * paste must never reach a shell. A dead pane would be worse: a paste into one crashes tmux 3.3a.
 */
const SCRIPT = `#!/bin/sh
# Written by Overture; runs one session of an agent.
unset TMUX TMUX_PANE OV_CONFINED
{{env}}
cd {{cwd}} || exit 1
dir={{dir}}
# What the shell itself says of a stopped job must not stand on the agent's screen.
exec 9>&2 2>/dev/null
set -m
sh -c 'echo $$ >"$0/pid"; exec "$@" 2>&9 9>&-' "$dir" {{argv}}
code=$?
# Ctrl+Z or a signal stops the job: bring it back, or input would meet a shell. 128 and the number
# of STOP, TSTP, TTIN or TTOU, here or on macOS; no program ends by one of these.
while [ "$code" -ge 145 ] && [ "$code" -le 150 ] && kill -0 %1; do
  fg %1 >/dev/null
  code=$?
done
set +m
# A process that the program started in its group, and that outlives it, has lost its terminal.
kill -s HUP -- "-$(cat "$dir/pid")" 2>/dev/null
echo "$code" >"$dir/exit"
# Who still waits for this session's bell is let go; to open both ways never blocks.
[ -p "$dir/bell" ] && echo end 1<>"$dir/bell"
stty sane -echo 2>/dev/null
printf '\\033[?1049l\\033[?2004l\\033[?25h\\r\\n[ov] %s ended (exit %s). What you type here goes nowhere.\\r\\n' "$OV_AGENT" "$code"
printf '[ov] start it again: ov sling %s --name %s --recover\\r\\n' "$OV_TASK" "$OV_AGENT"
trap '' INT QUIT TSTP
while :; do cat >/dev/null || sleep 1; done
`;

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
  };
}

/** `started`: what was written down of a process that is none of ours, which nobody collects. */
const isSame = (pid: number, started: string | undefined) =>
  isAlive(pid) && (started === undefined || started === startOf(pid));

const GRACE_MS = 3_000;
const POLL_MS = 50;

/** Sessions keep their files in `<home>/agents/<name>/<generation>/`. */
export function launcher(home: string): Launcher {
  return {
    makeDir(agent, generation) {
      const dir = join(home, "agents", agent, String(generation));
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      return dir;
    },
    write({ dir, cwd, argv, env, files, links = [] }) {
      for (const file of files) {
        mkdirSync(dirname(file.path), { recursive: true, mode: 0o700 });
        writeFileSync(file.path, file.text, { mode: 0o600 });
      }
      for (const { path, target } of links) symlinkSync(target, path);
      const exports = Object.entries(env).map(([key, value]) => `export ${key}=${quote(value)}`);
      const script = SCRIPT.replace("{{env}}", () => exports.join("\n"))
        .replace("{{cwd}}", () => quote(cwd))
        .replace("{{dir}}", () => quote(dir))
        .replace("{{argv}}", () => argv.map(quote).join(" "));
      const path = join(dir, "launch.sh");
      writeFileSync(path, script, { mode: 0o700 });
      return path;
    },
    writeScript(path, argv) {
      const words = argv.map(quote).join(" ");
      writeFileSync(path, `#!/bin/sh\nunset TMUX TMUX_PANE\nexec ${words}\n`, { mode: 0o700 });
      return path;
    },
    process: (session) => processFacts(session.dir),
    remember({ dir }, pid) {
      writeFileSync(join(dir, "started"), `${startOf(pid) ?? "gone"}\n`, { mode: 0o600 });
      writeFileSync(join(dir, "pid"), `${pid}\n`, { mode: 0o600 });
    },
    announce: ({ agent, id, pane }, pid) => announce(home, pane, { agent, session: id, pid }),
    forget: ({ id, pane }) => forget(home, pane, id),
    hookMark(agent) {
      const path = join(home, "hooks", agent);
      const text = read(path);
      if (text === undefined) return undefined;
      const [event = "", session] = text.split(" ");
      return { event, session, at: statSync(path).mtimeMs };
    },
    letGo: ({ dir }) => endBell(dir),
    async terminate(session) {
      const { pid, alive } = processFacts(session.dir);
      if (!alive || pid === undefined) return true;
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
