import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OV, TeamRoom, until } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const folder = () => join(room.root, ".git", "overture", "root", "backup");
const names = () => (existsSync(folder()) ? readdirSync(folder()) : []);
const store = () => join(room.root, ".overture", "overture.db");
const removeStore = () => {
  for (const end of ["", "-wal", "-shm"]) rmSync(store() + end, { force: true });
};
const send = async (subject: string, ...more: string[]): Promise<string> => {
  const words = ["mail", "send", "--to", "bo", "--subject", subject, "--body", `body-${subject}`];
  return (await room.json(...words, ...more)).id;
};
const subjects = async (): Promise<string[]> => {
  const { messages } = await room.json("mail", "list", "--to", "bo");
  return messages.map(({ subject }: { subject: string }) => subject);
};
const seen = (id: string) =>
  until(
    "seen",
    () => room.receipt(id, "bo"),
    ({ state }) => state === "seen",
  );

describe("the store is backed up", () => {
  beforeEach(() => room.json("sling", "t-1", "--name", "bo", "--prompt", "begin"));

  test("by a carrier, soon after it starts, for the person alone, out of reach of git clean", async () => {
    await send("first");
    await room.json("up");
    const [name] = await until("a backup", names, (found) =>
      found.some((one) => !one.startsWith(".")),
    );
    expect(statSync(join(folder(), name!)).mode & 0o777).toBe(0o600);
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    room.git("clean", "-ffdxq", "-e", ".overture");
    expect(names()).toContain(name);
    expect(room.git("status", "--porcelain")).toBe("");
    await room.json("down");
  });

  test("before doctor mends, and when it is asked to", async () => {
    await room.json("doctor", "--category", "store", "--fix");
    expect(names()).toHaveLength(1);
    const { backup } = await room.json("doctor", "--backup");
    expect(names()).toHaveLength(2);
    expect(existsSync(backup.path)).toBe(true);
  });

  test("by the first call that writes an hour after the last one, where nobody carries", async () => {
    const { backup } = await room.json("doctor", "--backup");
    await send("soon");
    expect(names()).toHaveLength(1);
    const old = backup.path.replace(/\.\d{4}-.*$/, ".2026-11-20T10-00-00.000Z.db");
    renameSync(backup.path, old);
    await send("late");
    await until(
      "a backup",
      names,
      (found) => found.filter((one) => !one.startsWith(".")).length === 2,
    );
  });

  test("in a folder of its own for each project of a repository", async () => {
    const inner = join(room.root, "packages", "a b");
    mkdirSync(join(inner, ".overture"), { recursive: true });
    const config = readFileSync(join(room.root, ".overture", "config.yaml"));
    writeFileSync(join(inner, ".overture", "config.yaml"), config);
    const none = await room.ov(["doctor", "--backup", "--project", inner]);
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("there is no store")]);
    await room.json("mail", "list", "--project", inner);
    const { backup } = await room.json("doctor", "--backup", "--project", inner);
    expect(backup.path).toContain("/.git/overture/packages_2Fa_20b/backup/");
  });
});

describe("a store that was removed", () => {
  test("is not made anew beside its backup, and comes back with one command", async () => {
    await room.json("sling", "t-1", "--name", "bo", "--prompt", "begin");
    await room.becomes("bo", "idle");
    const given = await send("given");
    const waits = await send("waits-for-later");
    await room.json("doctor", "--backup");
    // Given after the backup: there it waits.
    await room.json("nudge", "bo");
    await seen(given);
    await seen(waits);
    await send("lost");
    removeStore();

    for (const verb of [
      ["status"],
      ["mail", "list"],
      ["mail", "send", "--to", "bo", "--subject", "s", "--body", "b"],
    ]) {
      const { code, stderr } = await room.ov(verb);
      expect(code).toBe(1);
      expect(stderr).toMatch(/the store of .* is gone; a backup of .* is kept/);
      expect(stderr).toContain("ov doctor --fix");
      expect(existsSync(store())).toBe(false);
    }
    // A hook of the agent that lives neither fails nor makes one.
    expect(await room.ov(["mail", "check", "--inject", "--agent", "bo"])).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect(existsSync(store())).toBe(false);

    const report = await room.ov(["doctor", "--category", "store", "--fix", "--json"]);
    const { done, findings } = JSON.parse(report.stdout);
    expect(report.code).toBe(0);
    expect(findings).toMatchObject([{ id: "store-file", fixed: true }]);
    expect(done.join()).toMatch(
      /put back the backup of .*; 2 that were given since are not given again/,
    );

    expect(await subjects()).toEqual(expect.arrayContaining(["given", "waits-for-later"]));
    expect(await subjects()).not.toContain("lost");
    expect(await room.receipt(given, "bo")).toMatchObject({ state: "seen", proof: "transcript" });
    expect(await room.state("bo")).toBe("idle");
    await seen(await send("after", "--wake"));
    for (const body of ["body-given", "body-waits-for-later", "body-after"]) {
      expect(room.reached("bo", body)).toBe(1);
    }
  });

  test("with the whole folder comes back with ov init, and a person may begin anew instead", async () => {
    await room.json("mail", "send", "--to", "orchestrator", "--subject", "kept", "--body", "b");
    await room.json("doctor", "--backup");
    execFileSync("git", ["clean", "-ffdxq"], { cwd: room.root, env: room.env });
    expect(existsSync(store())).toBe(false);
    const { restored } = await room.json("init");
    expect(restored).toMatch(/put back the backup of/);
    const { messages } = await room.json("mail", "list");
    expect(messages).toMatchObject([{ subject: "kept" }]);

    removeStore();
    expect((await room.json("init", "--force")).restored).toBeNull();
    room.configure("");
    expect((await room.json("mail", "list")).messages).toEqual([]);
  });
});

test("a store that is broken is put aside, and its backup put in its place", async () => {
  await room.json("mail", "send", "--to", "orchestrator", "--subject", "kept", "--body", "b");
  await room.json("doctor", "--backup");
  removeStore();
  writeFileSync(store(), "not a database, but text".repeat(400));
  const { stdout, code } = await room.ov(["doctor", "--category", "store", "--fix", "--json"]);
  expect([code, JSON.parse(stdout).done.join()]).toEqual([
    0,
    expect.stringContaining("what was there is now"),
  ]);
  expect((await room.json("mail", "list")).messages).toMatchObject([{ subject: "kept" }]);
  const broken = join(room.root, ".overture", "broken");
  expect(readdirSync(broken)).toHaveLength(1);
});

test("a backup that is not whole is passed over for the one before", async () => {
  await room.json("mail", "send", "--to", "orchestrator", "--subject", "kept", "--body", "b");
  await room.json("doctor", "--backup");
  const { backup } = await room.json("doctor", "--backup");
  writeFileSync(backup.path, readFileSync(backup.path).fill(0xab, 4096, 4096 * 5));
  removeStore();
  expect((await room.ov(["doctor", "--category", "store", "--fix"])).code).toBe(0);
  expect((await room.json("mail", "list")).messages).toMatchObject([{ subject: "kept" }]);
});

test("no success is said of what went into a store that was removed meanwhile", async () => {
  const words = ["mail", "send", "--to", "orchestrator", "--subject", "s", "--json"];
  const sender = spawn(OV, words, { cwd: room.root, env: room.env });
  let said = "";
  sender.stdout.on("data", (bytes) => (said += bytes));
  const ended = once(sender, "exit");
  const hasOpened = () => {
    const fds = `/proc/${sender.pid}/fd`;
    return readdirSync(fds).some((fd) => {
      try {
        return readlinkSync(join(fds, fd)) === store();
      } catch {
        return false;
      }
    });
  };
  await until("opened", hasOpened, Boolean);
  renameSync(store(), join(room.base, "moved.db"));
  sender.stdin.end("b");
  expect([(await ended)[0], JSON.parse(said)]).toMatchObject([
    1,
    {
      success: false,
      error: { message: expect.stringContaining("removed or replaced meanwhile") },
    },
  ]);
  renameSync(join(room.base, "moved.db"), store());
});

test("a backup that a person has copied into the store's place works as a store does", async () => {
  await room.json("mail", "send", "--to", "orchestrator", "--subject", "kept", "--body", "b");
  const { backup } = await room.json("doctor", "--backup");
  removeStore();
  copyFileSync(backup.path, store());
  await room.json("mail", "send", "--to", "orchestrator", "--subject", "more", "--body", "b");
  const db = new Database(store(), { readonly: true });
  expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
  db.close();
});

test("ov uninstall names the backups among what stays", async () => {
  expect((await room.json("uninstall")).stays.backups).toBeNull();
  await room.json("doctor", "--backup");
  expect((await room.ov(["uninstall"])).stdout).toContain(`rm -r .overture ${folder()}\n`);
});

test("what was purged is in no backup", async () => {
  await room.json(
    "mail",
    "send",
    "--to",
    "orchestrator",
    "--subject",
    "s",
    "--body",
    "secret-of-yesterday",
  );
  await room.json("doctor", "--backup");
  const held = () =>
    names().filter((name) => readFileSync(join(folder(), name)).includes("secret-of-yesterday"));
  expect(held()).toHaveLength(1);
  await room.json("mail", "purge", "--all");
  expect(held()).toEqual([]);
  expect(names()).toHaveLength(1);
});

test("an older copy in the store's place is found, and one that was begun anew is not", async () => {
  const old = join(room.base, "old.db");
  await room.json("mail", "send", "--to", "orchestrator", "--subject", "first", "--body", "b");
  const first = await room.json("doctor", "--backup");
  renameSync(first.backup.path, old);
  await room.json("mail", "send", "--to", "orchestrator", "--subject", "kept", "--body", "b");
  await room.json("doctor", "--backup");
  removeStore();
  renameSync(old, store());
  const look = async () => JSON.parse((await room.ov(["doctor", "--json"])).stdout).findings;
  expect(await look()).toMatchObject([
    { id: "store-file", what: expect.stringMatching(/an older copy/) },
  ]);
  await room.ov(["doctor", "--category", "store", "--fix"]);
  expect(await look()).toEqual([]);
  const { messages } = await room.json("mail", "list");
  expect(messages).toMatchObject([{ subject: "kept" }, { subject: "first" }]);

  removeStore();
  await room.json("init", "--force");
  room.configure("");
  expect(await look()).toEqual([]);
});
