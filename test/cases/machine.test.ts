import { spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { letter, send } from "../cli/post.ts";
import { OV, type Result, TeamRoom } from "../team-room.ts";
import { TRACE, unshare } from "./namespace.ts";

const room = new TeamRoom();
beforeAll(async () => {
  for (const name of ["ann", "bo", "late"]) await room.json("agents", "add", name);
});
afterAll(() => room.close());

describe.runIf(process.platform === "linux")("without an inotify instance", () => {
  const unwatched = (args: readonly string[]) =>
    unshare(room, 'echo 0 >/proc/sys/user/max_inotify_instances && exec "$OV" "$@"', args);

  test("a receipt is waited for all the same, and it is said once", async () => {
    const { said, ended } = unwatched(letter({ to: "ann", wait: "seen", timeout: "20s" }));
    await expect.poll(() => said.stderr, { timeout: 15_000 }).not.toBe("");
    const check = async () => (await room.ov(["mail", "check", "--agent", "ann"])).stdout;
    await expect.poll(check, { timeout: 15_000 }).toContain("From:");
    const { code, stdout, stderr } = await ended;
    expect(stdout).toMatch(/^msg-\w+ .*seen/);
    expect(stderr).toMatch(/^ov: no file watch is left \(EMFILE[^\n]*\n$/);
    expect(code).toBe(0);
  });

  test("a letter that nobody reads is exit code 4, with its id", async () => {
    const { code, stdout } = await unwatched(letter({ to: "late", wait: "seen", timeout: "1s" }))
      .ended;
    expect({ code, stdout }).toEqual({ code: 4, stdout: expect.stringMatching(/^msg-/) });
  });

  test("when ends with its own code", async () => {
    const { code, stderr } = await unwatched(["when", "late", "idle", "--timeout", "300ms"]).ended;
    expect(stderr).not.toMatch(TRACE);
    expect(code).toBe(5);
  });

  test("feed --follow prints what happens next, soon", async () => {
    const { child, said, ended } = unwatched(["feed", "--follow"]);
    await expect.poll(() => said.stdout).not.toBe("");
    await send(room, { to: "late", subject: "followed" });
    await expect.poll(() => said.stdout, { timeout: 1_500 }).toContain("followed");
    child.kill();
    expect((await ended).stderr).not.toMatch(TRACE);
  });

  test("the carrier delivers, and does not wait for its next look at the team", async () => {
    await room.json("sling", "t-1", "--name", "al", "--prompt", "hello");
    await room.becomes("al", "idle");
    const { child, said, ended } = unwatched(["watch"]);
    await expect.poll(() => said.stderr, { timeout: 15_000 }).toContain("no file watch is left");
    const id = await send(room, { to: "al", wake: true });
    const state = async () => (await room.receipt(id, "al"))?.state;
    await expect.poll(state, { timeout: 8_000 }).toBe("seen");
    child.kill();
    const { code, stderr } = await ended;
    expect({ code, said: stderr.match(/no file watch/g)?.length }).toEqual({ code: 0, said: 1 });
  });
});

/** A project on a disk of 6 MB of its own, with a letter for bo; then what is given. */
function onOwnDisk(then: string): Promise<Result> {
  const script = `
    set -e; mkdir -p disk; mount -t tmpfs -o size=6m tmpfs disk; cd disk; git init -q -b main
    git -c user.name=p -c user.email=p@example.org commit -q --allow-empty -m x; set +e
    "$OV" init >/dev/null && "$OV" agents add bo >/dev/null
    id=$("$OV" mail send --to bo --subject kept --body b | cut -d ' ' -f 1)
    "$OV" mail send --to orchestrator --from bo --subject mine --body b >/dev/null
    say() { echo "== $*"; "$OV" "$@" 2>&1 </dev/null; echo "-- $?"; }
    ${then}`;
  return unshare(room, script).ended;
}

const FULL = "dd if=/dev/zero of=fill bs=4k 2>/dev/null";
const READ_ONLY = "mount -o remount,ro .";
/** Stores a change that only the log (WAL) has, as a process leaves it that is killed. */
const KILLED = `"${process.execPath}" -e '
  const { createRequire } = require("module"), { dirname, join } = require("path");
  const load = createRequire("${process.cwd()}/package.json"), Database = load("better-sqlite3");
  const db = new Database(".overture/overture.db");
  db.pragma("wal_autocheckpoint = 0");
  db.exec("UPDATE messages SET subject = subject || 42");
  process.kill(process.pid, 9)' 2>/dev/null; rm -f .overture/overture.db-shm`;

const READS = [
  ...["status", "mail list", "mail read $id", "mail thread $id", "mail search kept", "mail dead"],
  ...["explain bo", "inspect bo", "feed", "trace bo", "errors", "metrics", "costs", "agents list"],
  ...["group list", "run list", "state list", "recall x", "search x", "worktree list"],
  ...["prime --agent bo", "merge --all --dry-run"],
];
const WRITES = [
  ...["mail send --to bo --subject s --body b", "mail reply $id --body b", "mail check"],
  ...["mail send --to bo --subject s --body b --wait seen", "mail ack $id --agent bo"],
  ...["remember k v", "state set k v", "agents add zo", "group create g bo", "mail purge --all"],
  ...["sling t --name al --runtime scripted", "up", "deliver", "spec write x --body y"],
  ...["hooks install", "hooks install --mcp"],
];

const answers = ({ stdout }: Result) =>
  stdout
    .split("== ")
    .slice(1)
    .map((text) => {
      const [call = "", ...lines] = text.trimEnd().split("\n");
      return { call, code: Number(lines.pop()?.slice(3)), said: lines.join("\n") };
    });

const DISKS: Record<string, { make: string; says: RegExp }> = {
  "a full disk": { make: FULL, says: /^ov: no space is left on the disk at \S+\/disk$/m },
  "a full disk with a log": {
    make: `${KILLED}; ${FULL}`,
    says: /^ov: no space is left on the disk at \S+\/disk$/m,
  },
  "a read-only disk": {
    make: READ_ONLY,
    says: /^ov: the disk at \S+\/disk is mounted read-only$/m,
  },
  "a read-only disk with a log": {
    make: `${KILLED}; ${READ_ONLY}`,
    says: /^ov: the disk at \S+\/disk is mounted read-only$/m,
  },
};

describe.runIf(process.platform === "linux").each(Object.entries(DISKS))(
  "%s",
  (_, { make, says }) => {
    test("is read from as ever", async () => {
      const found = answers(
        await onOwnDisk([make, ...READS.map((verb) => `say ${verb}`)].join("\n")),
      );
      expect(found.filter(({ code, said }) => code !== 0 || TRACE.test(said))).toEqual([]);
      expect(found).toHaveLength(READS.length);
      const subject = make.startsWith(KILLED) ? "kept42" : "kept";
      expect(found.find(({ call }) => call.startsWith("mail list"))?.said).toContain(subject);
      expect(found.find(({ call }) => call.startsWith("mail read"))?.said).toContain(
        "not marked as read",
      );
    }, 60_000);

    test("is named by each verb that writes, in one line, and nothing is said to be done", async () => {
      const found = answers(
        await onOwnDisk([make, ...WRITES.map((verb) => `say ${verb}`)].join("\n")),
      );
      const wrong = found.filter(
        ({ code, said }) => code !== 1 || !says.test(said) || said.trim().split("\n").length !== 2,
      );
      expect(wrong).toEqual([]);
      expect(found).toHaveLength(WRITES.length);
    }, 60_000);

    test("is what the doctor names, and not a broken store", async () => {
      const [doctor] = answers(await onOwnDisk(`${make}\nsay doctor --category store`));
      expect(doctor?.said).toMatch(/no space is left on the disk|mounted read-only/);
      expect(doctor?.said).not.toContain("broken");
    }, 60_000);

    test("takes letters again when it is mended, and has lost none", async () => {
      const mend = make.endsWith(FULL) ? "rm fill" : "mount -o remount,rw .";
      const calls = `say mail send --to bo --subject more --body b\n${mend}\nsay mail check --agent bo`;
      const [failed, check] = answers(await onOwnDisk(`${make}\n${calls}`));
      expect(failed?.code).toBe(1);
      expect(check?.said.match(/^Subject: .*/gm)).toEqual([expect.stringMatching(/kept/)]);
    }, 60_000);
  },
);

test("a file that may not grow is named as the limit that it is", () => {
  const script = `ulimit -f 8; exec "${OV}" mail send --to bo --subject s --body "$0"`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "b".repeat(100_000)], {
    cwd: room.root,
    env: room.env,
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain("ulimit -f");
  expect(stderr).not.toMatch(TRACE);
});

test("a process with one file descriptor too few says so in a line", () => {
  const options = { cwd: room.root, env: room.env, encoding: "utf8" as const };
  const withLimit = (limit: number) => {
    const script = `ulimit -n ${limit}; exec "${OV}" mail send --to bo --subject s --body b`;
    return spawnSync("sh", ["-c", script], options);
  };
  let limit = 40;
  while (limit > 10 && withLimit(limit).status === 0) limit--;
  const { status, stderr } = withLimit(limit);
  expect(stderr).toMatch(/^ov: this process has no file descriptor left\n.*ulimit -n.*\n$/);
  expect(status).toBe(1);
});

const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot && process.platform === "linux")("the project of another user", () => {
  const asNobody = (args: readonly string[]) => {
    const drop = ["--reuid=65534", "--regid=65534", "--clear-groups", OV];
    const options = { cwd: room.root, env: { ...room.env, HOME: "/" }, encoding: "utf8" as const };
    return spawnSync("setpriv", [...drop, ...args], options);
  };
  beforeAll(() => {
    for (const path of [room.base, room.root]) chmodSync(path, 0o755);
  });

  test.each([["status"], ["mail", "list"], ["doctor"], ["init"]])(
    "is named with its owner by ov %s",
    (...args) => {
      const { status, stdout, stderr } = asNobody(args);
      const said = stdout + stderr;
      expect(said).toMatch(/permission denied: \S+\.overture belongs to root, mode 700; you are/);
      expect(said).not.toMatch(TRACE);
      expect(said).not.toContain("no Overture project");
      expect(status).toBe(1);
    },
  );
});

test("what is a fault of ours is a line, and its trace is in the project", async () => {
  const broken = join(room.root, ".overture", "roles", "builder.md");
  // A folder where a file is read.
  spawnSync("mkdir", ["-p", broken]);
  const { code, stderr } = await room.ov([
    "sling",
    "t-9",
    "--name",
    "x",
    "--capability",
    "builder",
  ]);
  expect(code).toBe(1);
  expect(stderr).not.toMatch(TRACE);
  const log = join(room.root, ".overture", "errors.log");
  expect(existsSync(log) ? readFileSync(log, "utf8") : stderr).toMatch(/EISDIR|builder\.md/);
  spawnSync("rm", ["-r", broken]);
  appendFileSync(log, "");
});
