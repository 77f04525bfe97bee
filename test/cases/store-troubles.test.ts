import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { examine } from "../doctor/ward.ts";
import { TeamRoom } from "../team-room.ts";

let room: TeamRoom;
const others: ChildProcess[] = [];
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(async () => {
  for (const child of others.splice(0)) {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }
  await room.close();
});

const store = () => join(room.root, ".overture", "overture.db");

/** Another process that does this with the store and then stays. */
async function other(code: string): Promise<ChildProcess> {
  const program = `
    const Database = require("better-sqlite3");
    const db = new Database(process.argv[1]);
    ${code};
    console.log("ready");
    setInterval(() => db, 1_000);`;
  const child = spawn(process.execPath, ["-e", program, store()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  others.push(child);
  await once(child.stdout!, "data");
  return child;
}

test("a store that another process keeps locked is not called broken, and the process is named", async () => {
  const { pid } = await other('db.pragma("locking_mode = EXCLUSIVE"); db.exec("BEGIN EXCLUSIVE")');
  const sent = room.ov("mail send --to orchestrator --subject s --body b".split(" "));
  for (const args of [[], ["--fix"]]) {
    const report = await examine(room, args);
    expect(report.findings.find(({ id }) => id === "store-file")).toMatchObject({
      what: "the store cannot be read and written now",
      evidence: expect.stringContaining(`process ${pid} (`),
      fix: expect.stringContaining(`ps -fp ${pid}`),
    });
    expect(JSON.stringify(report)).not.toContain("broken/");
  }
  const { code, stderr } = await sent;
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`process ${pid} \\(.*\\) keeps the store locked`));
});

describe("messages that were purged", () => {
  const WORD = "Zanzibar-4711";
  const fill = async () => {
    const body = `${WORD} ${"long ".repeat(20_000)}`;
    for (const words of ["one", "two", "three"]) {
      await room.json("mail", "send", "--to", "orchestrator", "--subject", words, "--body", body);
    }
    await room.json("mail", "check", "--agent", "orchestrator");
  };
  const files = () => ["", "-wal"].map((end) => store() + end).filter((path) => existsSync(path));
  const holds = (word: string) =>
    files().some((path) => readFileSync(path, "latin1").toLowerCase().includes(word.toLowerCase()));

  test("are in no file of the store, and the disk has its room again", async () => {
    await fill();
    await other('db.prepare("SELECT count(*) FROM messages").get()');
    const before = files().reduce((sum, path) => sum + statSync(path).size, 0);
    expect(holds(WORD)).toBe(true);
    expect(await room.json("mail", "purge", "--all")).toMatchObject({
      purged: 3,
      isGivenBack: true,
    });
    expect([holds(WORD), holds("zanzibar")]).toEqual([false, false]);
    const after = files().reduce((sum, path) => sum + statSync(path).size, 0);
    expect(after).toBeLessThan(before / 2);
  });

  test("are said to be in its files still where a reader is in the way", async () => {
    await fill();
    await other('db.exec("BEGIN"); db.prepare("SELECT count(*) FROM messages").get()');
    const { stdout } = await room.ov(["mail", "purge", "--all"]);
    expect(stdout).toMatch(/3 deleted; their text stays in the store's files while another/);
    expect((await room.json("mail", "list")).messages).toEqual([]);
  });
});
