import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { until } from "../team-room.ts";

/** Processes of a run, by what only they have in their environment or their words. */
function processesOf(folder: string): { pid: number; args: string }[] {
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "latin1");
    } catch {
      return ""; // It has ended.
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid: Number(pid), args: read(pid, "cmdline").replaceAll("\0", " ") }))
    .filter(({ pid, args }) => `${args}${read(String(pid), "environ")}`.includes(folder));
}

function chaos(...args: string[]) {
  const child: ChildProcess = spawn("scripts/chaos", args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (said += text));
  const ended = new Promise<{ code: number | null; said: string }>((done) =>
    child.once("close", (code) => done({ code, said })),
  );
  return { child, ended };
}

describe("a run of chaos that has played nothing", () => {
  test("is red", async () => {
    const { code, said } = await chaos("--schedules", "0", "--profile", "claude").ended;
    expect(code).toBe(1);
    expect(said).toContain("nothing was played");
  });

  // Where a process's environment can be read as a file.
  test.runIf(process.platform === "linux")(
    "is red where its lane was killed, and leaves no process behind",
    async () => {
      const run = chaos("--schedules", "20", "--seed", "1", "--profile", "claude", "--lanes", "1");
      const folder = await until(
        "the run's folder",
        () => /\S*\/ov-chaos-\w+/.exec(commandsBelow(run.child.pid!).join("\n"))?.[0] ?? "",
        (path) => path !== "",
      );
      const lane = await until(
        "a lane with its agent",
        () => {
          const all = processesOf(folder);
          const isUp = all.some(({ args }) => args.startsWith("tmux"));
          return isUp ? all.find(({ args }) => args.trimEnd().endsWith("--lane"))?.pid : undefined;
        },
        (pid) => pid !== undefined,
      );
      process.kill(lane!, "SIGKILL");
      const { code, said } = await run.ended;
      expect(code).toBe(1);
      expect(said).toMatch(/\d+ of 20 were not played/);
      expect(processesOf(folder)).toEqual([]);
    },
  );
});

/** The command lines of a process and of all that it has started. */
function commandsBelow(root: number): string[] {
  const rows = readdirSync("/proc").flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      const args = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
      return [{ pid: Number(pid), parent, args }];
    } catch {
      return []; // No process, or one that has ended.
    }
  });
  const below = new Set([root]);
  for (let size = 0; size < below.size; ) {
    size = below.size;
    for (const { pid, parent } of rows) if (below.has(parent)) below.add(pid);
  }
  return rows.filter(({ pid }) => below.has(pid)).map(({ args }) => args);
}
