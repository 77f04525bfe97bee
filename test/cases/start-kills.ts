import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { OV, pause, type TeamRoom } from "../team-room.ts";

/** When `ov sling` is killed, and whether what it had started is killed with it. */
export interface Kill {
  /** Of the agent, new for each kill. */
  name: string;
  afterMs: number;
  whole: boolean;
}

export interface Killed {
  /** `nobody`: no agent of the name was known; `agent`: it was; `ended`: the start was faster. */
  found: "nobody" | "agent" | "ended";
  /** What the next start said of the killed one. */
  said: string;
  /** What should not be there; empty when all is well. */
  wrong: string[];
  /** How long the whole start took that came after it; undefined: it was refused. */
  nextMs: number | undefined;
}

const words = (name: string) => ["sling", "t-1", "--name", name, "--prompt", "hello"];

/** Kills one `ov sling`, starts the same agent again, and looks at what is left of the first. */
export async function killOne(room: TeamRoom, { name, afterMs, whole }: Kill): Promise<Killed> {
  const options = { cwd: room.root, env: room.env, stdio: "ignore" as const, detached: true };
  const child = spawn(OV, words(name), options);
  const ended = new Promise<boolean>((done) => child.once("exit", (code) => done(code !== null)));
  await Promise.race([pause(afterMs), ended]);
  try {
    process.kill(whole ? -child.pid! : child.pid!, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  const isEnded = await ended;
  const before = Date.now();
  const next = await room.ov(words(name));
  const nextMs = next.code === 0 ? Date.now() - before : undefined;
  const wrong: string[] = [];
  if (next.code !== 0) {
    // It has become an agent, which is named; then it can be brought back where it has ended.
    if (!/already runs|worktree from before/.test(next.stderr)) wrong.push(`next: ${next.stderr}`);
    const resumed = await room.ov(["resume", name]);
    if (resumed.code !== 0) wrong.push(`resume: ${resumed.code} ${resumed.stderr}`);
  }
  wrong.push(...doubled(room, name));
  await room.ov(["stop", name]);
  await room.ov(["worktree", "clean", name, "--force"]);
  wrong.push(...running(room, name).map((line) => `after its end: ${line}`));
  const found = isEnded ? "ended" : next.code === 0 ? "nobody" : "agent";
  return { found, said: next.stderr.trim(), wrong, nextMs };
}

/** What is there more than once, or is of a start that nobody knows. */
function doubled(room: TeamRoom, name: string): string[] {
  const panes = room.tmux("list-panes", "-a", "-F", "#{session_name}").split("\n");
  const admin = join(room.root, ".git", "worktrees");
  const known = sessionFolders(room, name);
  const facts: [string, string[], number][] = [
    ["panes", panes.filter((one) => one === name), 1],
    ["branches", room.git("branch", "--list", `ov/${name}/*`).split("\n").filter(Boolean), 1],
    [
      "worktrees of git",
      (existsSync(admin) ? readdirSync(admin) : []).filter((one) =>
        new RegExp(`^${name}\\d*$`).test(one),
      ),
      1,
    ],
    ["folders without a session", known.filter((one) => one.includes(".")), 0],
  ];
  return facts
    .filter(([, all, right]) => all.length !== right)
    .map(([what, all]) => `${all.length} ${what}: ${all.join(", ")}`);
}

const sessionFolders = (room: TeamRoom, name: string): string[] => {
  const folder = join(room.root, ".overture", "agents", name);
  return existsSync(folder) ? readdirSync(folder).filter((one) => /^\d/.test(one)) : [];
};

function running(room: TeamRoom, name: string): string[] {
  const all = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  return all.filter((line) => line.includes(`${room.root}/.overture/agents/${name}/`));
}

/** How long a start takes that nobody kills. */
export async function startMs(room: TeamRoom): Promise<number> {
  const before = Date.now();
  await room.json(...words(`whole${before}`));
  return Date.now() - before;
}
