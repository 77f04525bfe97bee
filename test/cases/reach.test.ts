import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { examine, meddle, only } from "../doctor/ward.ts";
import { OV, TeamRoom } from "../team-room.ts";

const SOON = { timeout: 60_000, interval: 80 };
let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const folder = () => join(room.base, `tmux-${process.getuid?.()}`);
const socket = () => join(folder(), "ov");
const pidOf = (agent: string, generation = 1) =>
  Number(readFileSync(join(room.session(agent, generation), "pid"), "utf8"));
const server = () => Number(room.tmux("display-message", "-p", "#{pid}"));
const lives = (pid: number) => spawnSync("kill", ["-0", String(pid)]).status === 0;

async function sling(name: string, env = {}): Promise<number> {
  const args = ["sling", "t-1", "--name", name, "--prompt", "begin"];
  expect(await room.ov(args, { env })).toMatchObject({ code: 0 });
  await room.becomes(name, "idle");
  return pidOf(name);
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of any verb.
async function rowOf(name: string, env = {}): Promise<any> {
  const { stdout } = await room.ov(["status", "--json"], { env });
  return JSON.parse(stdout).agents.find((row: { name: string }) => row.name === name);
}

/** Programs of agents of this room: the first processes of their own groups. */
function programs(): number {
  const all = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" }).split("\n");
  return all.filter((line) => line.includes("scripted") && line.includes(room.base)).length;
}

describe("an agent whose tmux socket was deleted", () => {
  test("is unknown, with the reason, and is begun anew by nobody", async () => {
    const pid = await sling("bo");
    const first = programs();
    rmSync(socket());
    expect(await rowOf("bo")).toMatchObject({
      state: "unknown",
      detail: expect.stringContaining(`its tmux socket is gone: ${socket()}`),
    });
    expect((await room.ov(["explain", "bo"])).stdout).toContain(`kill -USR1`);
    expect(existsSync(socket())).toBe(false);
    const { stdout } = await room.ov(["resume", "--all"]);
    expect(stdout).toContain("Nobody's session was lost");
    expect(lives(pid)).toBe(true);
    expect(programs()).toBe(first);
    // What looked for lost ones has had the socket back.
    expect(await room.state("bo")).toBe("idle");
    expect(room.screen("bo")).toContain("begin");
  });

  test("is had back by a letter, with a line in the log", async () => {
    await sling("bo");
    rmSync(folder(), { recursive: true });
    const letter = [
      "mail",
      "send",
      "--to",
      "bo",
      "--subject",
      "News",
      "--body",
      "x",
      "--wait",
      "seen",
    ];
    expect(await room.ov(letter)).toMatchObject({ code: 0 });
    const { events } = await room.json("feed", "--kind", "tmux");
    expect(events).toMatchObject([{ kind: "tmux.socket_restored" }]);
  });

  test("is had back by the carrier, which starts no second program", async () => {
    const pid = await sling("bo");
    await room.json("up");
    rmSync(socket());
    await expect.poll(() => existsSync(socket()), SOON).toBe(true);
    await room.becomes("bo", "idle");
    expect(pidOf("bo")).toBe(pid);
    expect(existsSync(room.session("bo", 2))).toBe(false);
    await room.json("down");
  });

  test("keeps its server when another agent is started", async () => {
    await sling("bo");
    const before = server();
    rmSync(folder(), { recursive: true });
    await sling("cy");
    expect(server()).toBe(before);
    expect(await room.state("bo")).toBe("idle");
  });

  test("is named by the doctor, and had back", async () => {
    await sling("bo");
    rmSync(socket());
    expect(await only(room, "sessions-unreached")).toMatchObject({
      level: "fail",
      what: expect.stringContaining("bo"),
      evidence: expect.stringContaining(socket()),
    });
    await examine(room, ["--fix"]);
    expect((await examine(room)).findings).toEqual([]);
    expect(await room.state("bo")).toBe("idle");
  });

  test("is not called fixed by the doctor while its server is held up", async () => {
    await sling("bo");
    const held = server();
    rmSync(socket());
    process.kill(held, "SIGSTOP");
    try {
      const { stdout } = await room.ov(["doctor", "--fix", "--category", "orphans"]);
      expect(stdout).toContain("not fixed: bo cannot be reached");
      expect(stdout).not.toMatch(/^fixed/m);
      expect(await examine(room, ["--fix"])).toMatchObject({
        done: [],
        undone: [expect.stringContaining("bo cannot")],
      });
    } finally {
      process.kill(held, "SIGCONT");
    }
    await examine(room, ["--fix"]);
    expect(await room.state("bo")).toBe("idle");
  });

  test("is stopped by its process where another server has taken the socket", async () => {
    const pid = await sling("bo");
    const old = server();
    rmSync(socket());
    room.tmux("new-session", "-d", "-s", "other", "sleep 600");
    expect(await rowOf("bo")).toMatchObject({
      state: "unknown",
      detail: expect.stringContaining("another tmux server answers"),
    });
    const refused = await room.ov(["resume", "bo"]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${pid}`) });
    expect(refused.stderr).toContain("ov stop bo");
    expect((await room.ov(["peek", "bo"])).code).toBe(1);
    expect(await room.ov(["stop", "bo"])).toMatchObject({ code: 0 });
    expect(lives(pid)).toBe(false);
    // Its last pane is gone, and so is its server.
    await expect.poll(() => lives(old), SOON).toBe(false);
    expect(room.tmux("list-sessions")).toContain("other");
  });
});

test("a tmux server that is held up is unknown, and well again when it goes on", async () => {
  await sling("bo");
  const pid = server();
  process.kill(pid, "SIGSTOP");
  try {
    expect(await rowOf("bo")).toMatchObject({
      state: "unknown",
      detail: expect.stringContaining(`kill -CONT ${pid}`),
    });
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await room.becomes("bo", "idle");
});

const HAS_UNSHARE = spawnSync("unshare", ["-mp", "--fork", "true"]).status === 0;

describe.skipIf(!HAS_UNSHARE)("seen from a container with the project's folder", () => {
  /** With a `/tmp` of its own; `own`: and with process numbers of its own. */
  const inside = (own: string[], ...args: string[]) => {
    const call = ["sh", "-c", 'mount -t tmpfs none "$TMUX_TMPDIR" && exec "$0" "$@"', OV, ...args];
    const all = {
      cwd: room.root,
      env: { ...room.env, TMUX_TMPDIR: folder() },
      encoding: "utf8" as const,
    };
    return spawnSync("unshare", ["-m", ...own, ...call], all);
  };

  test.each([[[]], [["-p", "--fork", "--mount-proc"]]])(
    "an agent is unknown, and no second one is started (%j)",
    async (own: string[]) => {
      const pid = await sling("bo");
      const { agents } = JSON.parse(inside(own, "status", "--json").stdout);
      expect(agents.find(({ name }: { name: string }) => name === "bo").state).toBe("unknown");
      expect(inside(own, "resume", "bo")).toMatchObject({ status: 1 });
      expect(inside(own, "sling", "t-1", "--name", "bo", "--prompt", "x", "--recover").status).toBe(
        1,
      );
      const all = inside(own, "resume", "--all");
      if (own.length === 0) {
        expect(all.stdout).toContain("Nobody's");
      } else {
        // There nobody can tell whether an agent asks.
        expect([all.status, all.stderr]).toEqual([1, expect.stringContaining("call ov where")]);
        expect(inside(own, "stop", "bo")).toMatchObject({ status: 1 });
      }
      expect(lives(pid)).toBe(true);
      expect(existsSync(room.session("bo", 2))).toBe(false);
      await room.becomes("bo", "idle");
    },
  );
});

test("another TMUX_TMPDIR of the caller changes nothing", async () => {
  const elsewhere = join(room.base, "elsewhere");
  mkdirSync(elsewhere);
  const env = { TMUX_TMPDIR: elsewhere };
  const pid = await sling("bo");
  expect(await rowOf("bo", env)).toMatchObject({ state: "idle" });
  expect((await room.ov(["resume", "--all"], { env })).stdout).toContain("Nobody's");
  expect((await room.ov(["peek", "bo"], { env })).stdout).toContain("begin");
  const letter = [
    "mail",
    "send",
    "--to",
    "bo",
    "--subject",
    "News",
    "--body",
    "x",
    "--wait",
    "seen",
  ];
  expect(await room.ov(letter, { env })).toMatchObject({ code: 0 });
  await sling("cy", env);
  expect(room.tmux("list-sessions", "-F", "#{session_name}").trim().split("\n")).toEqual([
    "bo",
    "cy",
  ]);
  expect(existsSync(join(elsewhere, `tmux-${process.getuid?.()}`, "ov"))).toBe(false);
  expect(pidOf("bo")).toBe(pid);
});

describe("a program that lives though the store says that its session ended", () => {
  test.each([
    ["resume", "bo"],
    ["sling", "t-1", "--name", "bo", "--prompt", "x", "--recover"],
  ])("is not doubled by ov %s, and ov stop ends it", async (...args) => {
    const pid = await sling("bo");
    const first = programs();
    meddle(room, "UPDATE sessions SET ended_at = 1");
    const refused = await room.ov(args);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${pid}`) });
    expect(refused.stderr).toContain("ov stop bo");
    expect(programs()).toBe(first);
    expect((await room.json("stop", "bo")).stopped).toBe(true);
    expect(lives(pid)).toBe(false);
    expect(await room.ov(args)).toMatchObject({ code: 0 });
  });
});

describe("a socket that tmux could not make", () => {
  const nothing = async () => {
    expect(existsSync(join(room.root, ".overture", "worktrees", "bo"))).toBe(false);
    expect(room.git("branch", "--list", "ov/*")).toBe("");
    expect(await rowOf("bo")).toBeUndefined();
  };
  const start = (env: object) =>
    room.ov(["sling", "t-1", "--name", "bo", "--prompt", "x"], { env });

  test("is refused before anything is made where its folder is missing", async () => {
    const env = { TMUX_TMPDIR: join(room.base, "nowhere") };
    const { code, stderr } = await start(env);
    expect([code, stderr]).toEqual([1, expect.stringContaining("TMUX_TMPDIR")]);
    expect(stderr).toContain("tmux.socket");
    await nothing();
    expect((await room.ov(["up"], { env })).stderr).toContain("TMUX_TMPDIR");
    expect(await only(room, "tmux-opens", env)).toMatchObject({ level: "fail" });
  });

  test("is refused with its length where its path is too long", async () => {
    const long = join(room.base, "x".repeat(100 - room.base.length));
    mkdirSync(long, { recursive: true });
    const { code, stderr } = await start({ TMUX_TMPDIR: long });
    const bytes = Buffer.byteLength(join(long, `tmux-${process.getuid?.()}`, "ov"));
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${bytes} bytes`)]);
    await nothing();
    expect(await only(room, "tmux-opens", { TMUX_TMPDIR: long })).toMatchObject({
      evidence: expect.stringContaining(`${bytes} bytes`),
    });
  });

  test("is refused where a file of another kind has its name", async () => {
    mkdirSync(folder(), { mode: 0o700 });
    writeFileSync(socket(), "a person's");
    expect((await start({})).code).toBe(1);
    await nothing();
    expect(readFileSync(socket(), "utf8")).toBe("a person's");
    rmSync(socket());
  });
});

describe("a project whose .overture was removed while an agent works", () => {
  /** What is left in the room is ended by hand: no store knows of it any more. */
  async function cleaned(committed: boolean): Promise<number> {
    const pid = await sling("bo");
    await expect.poll(() => room.dispatcher(), SOON).toBeUndefined();
    if (committed) room.git("add", "-f", ".overture/config.yaml");
    room.git("clean", "-ffdxq");
    return pid;
  }

  test.each([false, true])(
    "is told with who lives and how to look (settings in git: %s)",
    async (committed) => {
      const pid = await cleaned(committed);
      for (const verb of [
        ["status"],
        ["doctor"],
        ["init"],
        ["mail", "send", "--to", "bo", "--subject", "s", "--body", "b"],
      ]) {
        const { code, stdout, stderr } = await room.ov(verb);
        const said = stdout + stderr;
        expect([verb[0], code]).toEqual([verb[0], 1]);
        expect(said).toContain("its agents live: bo (process ");
        expect(said).toContain(`tmux -u -S ${socket()} attach-session -t =bo`);
      }
      expect(existsSync(join(room.root, ".overture", "overture.db"))).toBe(false);
      expect(lives(pid)).toBe(true);
      room.tmux("kill-server");
      await expect.poll(() => lives(pid), SOON).toBe(false);
      await expect.poll(async () => (await room.ov(["init"])).code, SOON).toBe(0);
      expect(await rowOf("bo")).toBeUndefined();
    },
  );
});
