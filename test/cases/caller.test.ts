import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OV, TeamRoom, until } from "../team-room.ts";

const room = new TeamRoom();
let probes = 0;

interface Said {
  code: number;
  said: string;
}

/** Runs shell lines inside an agent's pane, one after the other, each as its own `sh -c`. */
async function inside(agent: string, lines: readonly string[]): Promise<Said[]> {
  const folder = join(room.base, `probe-${probes++}`);
  mkdirSync(folder);
  const steps = lines.map((line, n) => {
    writeFileSync(join(folder, `${n}.sh`), `${line}\n`);
    return `sh ${n}.sh >${n}.out 2>&1 </dev/null; echo $? >${n}.code`;
  });
  const all = join(folder, "all.sh");
  writeFileSync(all, `cd ${folder}\n${steps.join("\n")}\ntouch done\n`);
  const text = `RUN: cd ${room.root}; sh ${all}`;
  room.tmux("send-keys", "-t", `=${agent}:`, "-l", text);
  await until(
    "typed",
    () => room.screen(agent).replaceAll("\n", ""),
    (s) => s.includes(all),
  );
  room.tmux("send-keys", "-t", `=${agent}:`, "Enter");
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      return undefined;
    }
  };
  await until(
    `${agent}: ${lines.join(" | ")}`,
    () => read("done"),
    (found) => found === "",
  );
  await room.becomes(agent, "idle");
  return lines.map((_, n) => ({ code: Number(read(`${n}.code`)), said: read(`${n}.out`) ?? "" }));
}

// biome-ignore lint/suspicious/noExplicitAny: a row of any table.
function rows(sql: string, ...values: unknown[]): any[] {
  const db = new Database(join(room.root, ".overture", "overture.db"), { readonly: true });
  try {
    return db.prepare(sql).all(...values);
  } finally {
    db.close();
  }
}

const send = (from = "", to = "alice", subject = "s") =>
  `${OV} mail send --project ${room.root} --to ${to} ${from} --subject ${subject} --body b`;
/** A tool's answer by an MCP server that is told to be another agent. */
const MCP = `(printf '%s\\n' '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}' '{"jsonrpc":"2.0","method":"notifications/initialized"}' '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"mail_check","arguments":{}}}'; sleep 2) | ${OV} mcp --agent alice | grep 'may not speak or read as alice' && exit 1`;
const senderOf = (subject: string) =>
  rows("SELECT sender, sent_by FROM messages WHERE subject = ?", subject)[0];

beforeAll(async () => {
  await room.json("agents", "add", "anna");
  const start = (name: string, role: string, parent: string) =>
    room.json(
      ...["sling", "t-1", "--name", name, "--capability", role, "--parent", parent],
      ...["--prompt", "begin"],
    );
  await start("lea", "lead", "orchestrator");
  await start("bob", "builder", "lea");
  await start("alice", "builder", "orchestrator");
  for (const name of ["lea", "bob", "alice"]) await room.becomes(name, "idle");
}, 120_000);
afterAll(() => room.close());

describe("from within bob's session", () => {
  test.each([
    ["a name of the person's", send("--from orchestrator")],
    ["another agent's name", send("--from alice", "anna")],
    ["Overture's own name in other letters", send("--from Overture")],
    ["another agent's mail", `${OV} mail check --agent alice`],
    ["another agent's mail, as JSON", `${OV} mail check --agent alice --json`],
    ["the person's receipts", `${OV} mail ack $ID --agent orchestrator`],
    ["everybody's mail", `${OV} mail purge --all`],
    ["an agent that is another's", `${OV} agents remove alice`],
    ["another's session", `${OV} stop alice`],
    ["a start", `${OV} sling t-9 --name eve --prompt x`],
    ["a merge", `${OV} merge --all`],
    ["the person's hooks", `${OV} hooks install`],
    ["the doctor's remedies", `${OV} doctor --fix`],
    ["an answer", `${OV} answer alice 1`],
    ["an adoption", `${OV} adopt %0 --name eve`],
    ["the whole of Overture", `${OV} uninstall`],
    ["a project", `${OV} init --force`],
    ["an agent's name in its MCP server", MCP],
    ["a dead message of others", `${OV} mail retry $ID`],
  ])("%s is refused, and the caller is named", async (_, line) => {
    const { id } = await room.json(
      ...["mail", "send", "--to", "orchestrator", "--from", "alice", "--subject", "x"],
      ...["--body", "b"],
    );
    const [answer] = await inside("bob", [line.replace("$ID", id)]);
    expect(answer!.said).toContain("bob");
    expect(answer!.said).not.toMatch(/^\s+at /m);
    expect(answer!.code).toBe(1);
  });

  test("what was refused is in an event with the caller, at most one a second", async () => {
    const before = rows("SELECT 1 FROM events WHERE kind = 'access.refused'").length;
    const began = Date.now();
    const ghosts = Array.from({ length: 12 }, (_, n) => send(`--from ghost${n + 1}`));
    const [, ...answers] = await inside("bob", ["sleep 1.1", ...ghosts]);
    const seconds = Math.ceil((Date.now() - began) / 1000) + 1;
    expect(answers.map(({ code }) => code)).toEqual(ghosts.map(() => 1));
    const found = rows("SELECT * FROM events WHERE kind = 'access.refused' ORDER BY id");
    const more = found.length - before;
    expect(more).toBeGreaterThan(0);
    expect(more).toBeLessThanOrEqual(seconds);
    expect(found.at(-1)).toMatchObject({ agent: "bob", caller: "bob" });
    expect(found.at(-1).found).toMatch(/^pane \d+$/);
    expect(rows("SELECT name FROM agents WHERE name LIKE 'ghost%'")).toEqual([]);
    const errors = await room.ov(["errors"]);
    expect(errors.stdout).toContain("access.refused");
  });

  test("a hook's call under another name gets nothing, and is noted as the caller's", async () => {
    await room.json("mail", "send", "--to", "alice", "--subject", "Secret", "--body", "for-alice");
    // Hers is at the prompt: nothing but a hook takes it now.
    const hook = `${OV} mail check --inject --event UserPromptSubmit --agent alice --learn`;
    const [answer] = await inside("bob", [`sleep 1.1; ${hook}`]);
    expect(answer).toEqual({ code: 0, said: "" });
    expect(rows("SELECT * FROM events ORDER BY id DESC LIMIT 9")).toContainEqual(
      expect.objectContaining({ kind: "access.refused", agent: "bob" }),
    );
    expect(rows("SELECT agent FROM events WHERE kind = 'hook.failed'")).not.toContainEqual({
      agent: "alice",
    });
  });

  test("it is bob however it calls", async () => {
    const ways = [
      ["env -i", `env -i PATH="$PATH" ${send("", "alice", "w0")}`],
      ["env -u", `env -u OV_AGENT -u OVERSTORY_AGENT_NAME ${send("", "alice", "w1")}`],
      ["another name", `OV_AGENT=alice ${send("", "anna", "w2")}`],
      ["a subshell", `( ( sh -c '${send("", "alice", "w3")}' ) )`],
      ["setsid nohup", `setsid -w nohup ${send("", "alice", "w4")}`],
      ["its own name", send("--from bob", "alice", "w5")],
      ["a pipe", `echo b | ${OV} mail send --to alice --subject w6`],
    ];
    const answers = await inside(
      "bob",
      ways.map(([, line]) => line!),
    );
    expect(answers.map(({ code, said }) => [code, code === 0 ? "" : said])).toEqual(
      ways.map(() => [0, ""]),
    );
    for (let n = 0; n < ways.length; n++) {
      expect([ways[n]![0], senderOf(`w${n}`)]).toEqual([
        ways[n]![0],
        { sender: "bob", sent_by: "bob" },
      ]);
    }
  });

  test("a process that left its tree is known by the session's key, also below an emptied environment", async () => {
    const later = (line: string, mark: string) =>
      `setsid sh -c 'until [ "$(cut -d" " -f4 /proc/$$/stat)" = ${orphanage} ]; do sleep 0.05; done; ${line}; echo $? >${mark}' >/dev/null 2>&1 &`;
    const orphanage = parentOfOrphans();
    const marks = ["o0", "o1", "o2"].map((name) => join(room.base, name));
    await inside("bob", [
      later(send("", "alice", "left0"), marks[0]!),
      later(`env -i PATH="$PATH" ${send("", "alice", "left1")}`, marks[1]!),
      later(`OV_AGENT=alice ${send("--from alice", "anna", "left2")}`, marks[2]!),
    ]);
    for (const mark of marks)
      await until(
        mark,
        () => spawnSync("cat", [mark]).status,
        (s) => s === 0,
      );
    expect(marks.map((mark) => readFileSync(mark, "utf8").trim())).toEqual(["0", "0", "1"]);
    expect(senderOf("left0")).toEqual({ sender: "bob", sent_by: "bob" });
    expect(senderOf("left1")).toEqual({ sender: "bob", sent_by: "bob" });
    expect(senderOf("left2")).toBeUndefined();
  });

  test("reads of the team are everybody's", async () => {
    const answers = await inside("bob", [
      `${OV} status`,
      `${OV} mail list --agent alice`,
      `${OV} explain alice`,
      `${OV} merge --all --dry-run`,
      `${OV} doctor --json`,
      `${OV} agents list`,
      `${OV} prime --agent alice`,
    ]);
    const refused = answers.filter(({ said }) => / may /.test(said));
    expect(refused).toEqual([]);
  });

  test("its own things it may do", async () => {
    const answers = await inside("bob", [
      `${OV} mail check`,
      `${OV} checkpoint --summary s`,
      `${OV} nudge alice`,
      `${OV} remember --key k note`,
    ]);
    expect(answers.map(({ code, said }) => [code, code === 0 ? "" : said])).toEqual(
      answers.map(() => [0, ""]),
    );
  });
});

/** Who gets processes whose parent has ended: 1, or a subreaper above this test. */
function parentOfOrphans(): string {
  const file = join(room.base, "orphan");
  spawnSync("sh", [
    "-c",
    `(sh -c 'sleep 0.3; cut -d" " -f4 /proc/$$/stat >${file}' &) ; sleep 0.8`,
  ]);
  return readFileSync(file, "utf8").trim();
}

describe("a lead", () => {
  test("starts, stops and cleans up after its own, and nobody else's", async () => {
    const answers = await inside("lea", [
      `${OV} sling t-2 --name kid --prompt begin`,
      `${OV} stop kid`,
      `${OV} worktree clean kid`,
      `${OV} agents remove kid`,
      `${OV} stop alice`,
      `${OV} stop --all`,
      `${OV} sling t-3 --name kid2 --parent alice --prompt begin`,
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0, 1, 1, 1]);
    expect(await room.state("alice")).toBe("idle");
  });
});

describe("a dialog of an agent that a lead has started", () => {
  test("is the person's; a permission is it also with answer.byParent", async () => {
    await inside("lea", [`${OV} sling t-4 --name kim --prompt begin`]);
    await room.becomes("kim", "idle");
    room.tmux("send-keys", "-t", "=kim:", "-l", "ASK: touch made-by-dialog");
    await until(
      "typed",
      () => room.screen("kim"),
      (text) => text.includes("made-by-dialog"),
    );
    room.tmux("send-keys", "-t", "=kim:", "Enter");
    await room.becomes("kim", "waiting");
    const [look, no] = await inside("lea", [`${OV} answer kim`, `${OV} answer kim 1`]);
    expect(look).toMatchObject({ code: 0 });
    expect([no!.code, no!.said]).toEqual([1, expect.stringContaining("answer.byParent")]);
    room.configure("answer:\n  byParent: true\n");
    const [still, other] = await inside("lea", [`${OV} answer kim 1`, `${OV} answer alice 1`]);
    expect([still!.code, still!.said]).toEqual([1, expect.stringContaining("by the person alone")]);
    expect([other!.code, other!.said]).toEqual([1, expect.stringContaining("lea")]);
    expect(await room.state("kim")).toBe("waiting");
    room.configure("");
    await room.json("answer", "kim", "2");
    await room.becomes("kim", "idle");
  });
});

describe("outside of every pane", () => {
  const out = (script: string, env: NodeJS.ProcessEnv = room.env) =>
    spawnSync("sh", ["-c", script], { cwd: room.root, env, encoding: "utf8" });
  const cron = () => ({ HOME: room.base, PATH: process.env.PATH });

  test.each([
    ["a shell", () => out(send("--from alice", "anna", "p0"))],
    ["a shell as cron has it", () => out(send("--from bob", "anna", "p1"), cron())],
    ["a pipe", () => out(`echo b | ${OV} mail send --to anna --from alice --subject p2`)],
  ])("%s is the person, and may give a name", (_, run) => {
    expect(run()).toMatchObject({ status: 0 });
  });

  test("who was asked is stored with each event", () => {
    expect(senderOf("p0")).toEqual({ sender: "alice", sent_by: null });
    const [event] = rows(
      "SELECT caller, found FROM events WHERE message = (SELECT id FROM messages WHERE subject = 'p0')",
    );
    expect(event).toEqual({ caller: null, found: "person" });
    expect(rows("SELECT DISTINCT kind FROM events WHERE found IS NULL")).toEqual([]);
    const found = rows("SELECT DISTINCT found FROM events").map((row) => row.found as string);
    expect(found.map((how) => how.replace(/\d+/, "N"))).toEqual(
      expect.arrayContaining(["pane N", "key", "person", "overture"]),
    );
  });
});

const NEW_TABLE = ["--pid", "--fork", "--mount-proc"];
const HAS_UNSHARE = spawnSync("unshare", [...NEW_TABLE, "true"]).status === 0;

describe.skipIf(!HAS_UNSHARE)("in a sandbox with process numbers of its own", () => {
  const box = `unshare ${NEW_TABLE.join(" ")}`;

  test("an agent is known by its session's key, and nobody without one is the person", async () => {
    const answers = await inside("bob", [
      `${box} ${send("", "alice", "b0")}`,
      `${box} env OV_AGENT=alice ${send("", "anna", "b1")}`,
      `${box} ${send("--from alice", "anna", "b2")}`,
      `${box} env -i PATH="$PATH" ${send("", "alice", "b3")}`,
      `${box} env -i PATH="$PATH" OV_AGENT=alice ${send("", "anna", "b4")}`,
      `${box} env -i PATH="$PATH" ${OV} status --project ${room.root}`,
      // The numbers in /proc are then others' than its own.
      `unshare --pid --fork ${send("", "alice", "b6")}`,
      `unshare --pid --fork env -i PATH="$PATH" ${send("", "alice", "b7")}`,
      `unshare --mount --pid --fork sh -c 'mount -t tmpfs none /proc; env -i PATH="$PATH" ${send("", "alice", "b8")}'`,
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 1, 1, 1, 0, 0, 1, 1]);
    expect(answers[8]!.said).toContain("call ov where");
    expect(senderOf("b6")).toEqual({ sender: "bob", sent_by: "bob" });
    expect(senderOf("b0")).toEqual({ sender: "bob", sent_by: "bob" });
    expect(senderOf("b1")).toEqual({ sender: "bob", sent_by: "bob" });
    expect(answers[3]!.said).toMatch(/process numbers|container|sandbox/);
    const last = rows("SELECT found FROM events WHERE kind = 'access.refused' ORDER BY id").at(-1);
    expect(last.found).toBe("outside");
  });

  test("one of the person's is told where to call ov", () => {
    const call = [
      ...NEW_TABLE,
      OV,
      "mail",
      "send",
      "--to",
      "anna",
      "--subject",
      "x",
      "--body",
      "b",
    ];
    const { status, stderr } = spawnSync("unshare", call, {
      cwd: room.root,
      env: room.env,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining("call ov")]);
  });
});

describe("a name that looks like a reserved one", () => {
  test.each(["Orchestrator", "0rchestrator", "OVERTURE", "0verture", "aII", "A11", "0perator"])(
    "%s is refused",
    async (name) => {
      expect(await room.ov(["agents", "add", name])).toMatchObject({ code: 1 });
      expect(await room.ov(["sling", "t-9", "--name", name, "--prompt", "x"])).toMatchObject({
        code: 1,
      });
      expect(await room.ov(send(`--from ${name}`).split(" ").slice(1))).toMatchObject({ code: 1 });
    },
  );

  test.each(["оrchestrator", "ｏverture", "overture\u200b"])(
    "%j is no name at all",
    async (name) => {
      expect(await room.ov(["agents", "add", name])).toMatchObject({ code: 64 });
    },
  );
});
