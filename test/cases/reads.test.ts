import { execFileSync } from "node:child_process";
import { existsSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../cli/mcp-client.ts";
import { TeamRoom, until } from "../team-room.ts";

const SOON = { timeout: 60_000, interval: 80 };
let room: TeamRoom;
let db: Database.Database;
let letter: string;

/** One agent at a person's draft with a letter that waits, one whose pane is gone; nobody carries. */
beforeAll(async () => {
  room = new TeamRoom();
  for (const name of ["bo", "cy", "di"]) {
    await room.json("sling", "t-1", "--name", name, "--prompt", "begin");
    await room.becomes(name, "idle");
  }
  room.tmux("send-keys", "-t", "=bo:", "-l", "half a thought");
  await until(
    "draft",
    () => room.screen("bo"),
    (text) => text.includes("half a thought"),
  );
  const send = ["mail", "send", "--to", "bo", "--subject", "News", "--body", "b", "--wake"];
  letter = (await room.json(...send)).id;
  const reason = async () => (await room.receipt(letter, "bo")).reason;
  await until("held", reason, (why) => why === "human_draft");
  process.kill(room.dispatcher()!.pid, "SIGKILL");
  room.tmux("kill-session", "-t", "=cy");
  await room.becomes("cy", "dead");
  db = new Database(join(room.root, ".overture", "overture.db"), { readonly: true });
  // What turns leave behind is written by processes of their own.
  const writers = () => processes().filter((line) => line.includes(" checkpoint "));
  await until("turns are written down", writers, (found) => found.length === 0);
});
afterAll(async () => {
  db?.close();
  await room.close();
});

function content(): unknown {
  const tables = db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("notes_fts"));
  const rows = tables.map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]);
  return { version: db.pragma("data_version", { simple: true }), rows };
}

/** Of this room, by what they were called with or by their folder, as a dispatcher. */
function processes(): string[] {
  const all = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  const rows = all.map((line) => line.trim()).filter((line) => !line.includes(" ps -eo"));
  return rows.filter((line) => line.includes(room.base) || folderOf(line).startsWith(room.base));
}

function folderOf(line: string): string {
  try {
    return line.includes("deliver") ? readlinkSync(`/proc/${Number.parseInt(line, 10)}/cwd`) : "";
  } catch {
    // It has ended since.
    return "";
  }
}

/** What is in the store and what runs, before and after. */
async function leavesAll(call: () => Promise<unknown>): Promise<void> {
  const before = { ...(content() as object), processes: processes() };
  await call();
  expect({ ...(content() as object), processes: processes() }).toEqual(before);
}

describe("a read writes nothing and starts nothing", () => {
  test.each([
    "status",
    "status --all --json",
    "explain bo",
    "explain cy",
    "inspect bo",
    "inspect cy",
    "peek bo",
    "peek cy",
    "feed",
    "logs",
    "errors",
    "trace bo",
    "replay",
    "when cy done --timeout 1s",
    "group list",
    "worktree list",
    "mail list",
    "mail search News",
    "run",
    "run list",
    "costs",
    "metrics",
    "past bo",
    "attach bo --print",
    "memory",
    "recall none",
    "search none",
    "doctor",
  ])("ov %s", async (words) => {
    await leavesAll(() => room.ov(words.split(" ")));
  });

  test("the MCP tool team", async () => {
    const { client, call } = await connect(room, "orchestrator");
    try {
      await leavesAll(() => call("team", {}));
    } finally {
      await client.close();
    }
  });

  test("also where a socket is gone, which it leaves to verbs that write", async () => {
    const socket = join(room.base, `tmux-${process.getuid?.()}`, "ov");
    rmSync(socket);
    for (const args of [["status"], ["explain", "bo"], ["peek", "bo"], ["doctor"]]) {
      await leavesAll(() => room.ov(args));
    }
    expect(existsSync(socket)).toBe(false);
    await room.ov(["doctor", "--fix"]);
    expect(existsSync(socket)).toBe(true);
  });
});

test("status says that a message waits and nobody carries, until somebody does", async () => {
  expect((await room.ov(["status"])).stdout).toContain("1 message waits and nobody carries: ov up");
  expect(await room.json("status")).toMatchObject({ uncarried: 1, carrier: null });
  await room.json("up");
  const { uncarried, carrier } = await room.json("status");
  expect([uncarried, carrier]).toEqual([0, { pid: expect.any(Number) }]);
  expect((await room.ov(["status"])).stdout).not.toContain("nobody carries");
  await room.json("down");
});

test("a verb that writes goes on with what waits", async () => {
  room.tmux("send-keys", "-t", "=bo:", "C-u");
  const send = ["mail", "send", "--to", "bo", "--subject", "More", "--body", "b", "--wait", "seen"];
  expect(await room.ov(send)).toMatchObject({ code: 0 });
  await expect.poll(async () => (await room.receipt(letter, "bo")).state, SOON).toBe("seen");
});
