import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { OV, TeamRoom } from "../team-room.ts";
import { send, sh } from "./post.ts";

const room = new TeamRoom();
afterAll(() => room.close());

let count = 0;
async function newcomer(): Promise<string> {
  const name = `r${++count}`;
  await room.json("agents", "add", name);
  return name;
}
const file = (...path: string[]) => join(room.root, ".overture", ...path);

interface Call {
  event?: string;
  session?: string;
  transcript?: string;
}
/** One hook of an agent, called as a runtime calls it. */
async function hook(agent: string, { event = "UserPromptSubmit", session, transcript }: Call = {}) {
  const input = {
    hook_event_name: event,
    ...(session ? { session_id: session } : {}),
    ...(transcript ? { transcript_path: transcript } : {}),
  };
  const args = ["mail", "check", "--inject", "--event", event];
  const env = { OV_AGENT: agent };
  const { code, stdout, stderr } = await room.ov(args, { env, input: JSON.stringify(input) });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

describe("without mail", () => {
  const fake = join(room.base, "fake");
  const record = join(room.base, "node-was-run");
  const PATH = `${fake}:${OV.slice(0, -"/ov".length)}:${room.env.PATH}`;
  mkdirSync(fake);
  writeFileSync(join(fake, "node"), `#!/bin/sh\necho run >>'${record}'\n`);
  chmodSync(join(fake, "node"), 0o755);
  const env = { PATH, OV_NODE: join(fake, "node") };

  test.each(["SessionStart", "UserPromptSubmit", "PostToolUse", "Stop"])(
    "a %s hook prints nothing and starts no Node",
    async (event) => {
      const line = `ov mail check --inject --agent nobody --event ${event}`;
      expect(await sh(room, line, env)).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(existsSync(record)).toBe(false);
    },
  );
  test("a hook leaves its event as a mark, for who asks for the agent's state", () => {
    expect(readFileSync(file("hooks", "nobody"), "utf8")).toBe("Stop \n");
  });
  test("a hook outside every project says nothing", async () => {
    const line = "cd / && ov mail check --inject";
    expect(await sh(room, line, env)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(existsSync(record)).toBe(false);
  });
  test("but with mail it is this Node that runs", async () => {
    const name = await newcomer();
    await send(room, { to: name });
    await sh(room, `ov mail check --inject --agent ${name}`, env);
    expect(readFileSync(record, "utf8")).toBe("run\n");
  });
});

test.each(["UserPromptSubmit", "SessionStart"])("a %s hook prints plain text", async (event) => {
  const name = await newcomer();
  const id = await send(room, { to: name, body: "text", priority: "high" });
  const said = await hook(name, { event });
  const secret = /~[0-9a-z]{16} /.exec(said)?.[0];
  expect(said).toBe(
    `You have 1 new message:\n\n--- From: bo [HIGH] (status) ---\nSubject: s\ntext\n[Reply with: ov mail reply ${id}${secret}--body "..."]\n\n`,
  );
});

test.each(["PostToolUse", "Stop"])("a %s hook prints JSON with context", async (event) => {
  const name = await newcomer();
  await send(room, { to: name, body: "text" });
  expect(JSON.parse(await hook(name, { event }))).toEqual({
    hookSpecificOutput: {
      hookEventName: event,
      additionalContext: expect.stringMatching(/^You have 1 new message:\n\n--- From: bo/),
    },
  });
});

test("the event that the runtime names outranks the option", async () => {
  const name = await newcomer();
  await send(room, { to: name });
  const args = ["mail", "check", "--inject", "--agent", name, "--event", "UserPromptSubmit"];
  const { stdout } = await room.ov(args, { input: '{"hook_event_name":"Stop"}' });
  expect(JSON.parse(stdout).hookSpecificOutput.hookEventName).toBe("Stop");
});

describe("30 long letters", () => {
  const inbox: string[] = [];
  let name: string;
  test("come at most 9,000 characters at a time, with how many more wait", async () => {
    name = await newcomer();
    for (let n = 0; n < 30; n++) {
      const priority = n === 20 ? "urgent" : "normal";
      inbox.push(await send(room, { to: name, body: `letter ${n} `.repeat(80), priority }));
    }
    const text = await hook(name);
    expect(text.length).toBeLessThanOrEqual(9_000);
    const shown = text.match(/^--- From:/gm)!.length;
    expect(text).toContain(`You have ${shown} new messages:`);
    expect(text).toMatch(new RegExp(`\n${30 - shown} more waiting; [^\n]+\n\n$`));
  }, 240_000);
  test("leave those that did not fit unread", async () => {
    const { messages } = await room.json("mail", "list", "--to", name, "--limit", "99");
    const states = messages.map((m: { receipts: { state: string }[] }) => m.receipts[0]!.state);
    expect([...new Set(states)].sort()).toEqual(["offered", "queued"]);
  });
  test("come urgent first, then oldest, each once", async () => {
    const first = await room.json("mail", "list", "--to", name, "--limit", "99");
    const offered = first.messages.filter((m: { receipts: { state: string }[] }) =>
      m.receipts.some(({ state }) => state === "offered"),
    );
    const seen = offered.map((m: { id: string }) => m.id).reverse();
    expect(seen).toContain(inbox[20]);
    let rest = "";
    for (let text = "-"; text !== ""; rest += text) text = await hook(name);
    const later = [...rest.matchAll(/^\[Reply with: ov mail reply ([^~]+)~/gm)].map((m) => m[1]);
    expect([...seen, ...later].sort()).toEqual([...inbox].sort());
    expect(later).toEqual([...later].sort());
  });
});

describe("an injected letter", () => {
  test("is offered, by this hook, and no more", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    await hook(name);
    expect(await room.receipt(id, name)).toMatchObject({
      state: "offered",
      door: "hook:UserPromptSubmit",
      proof: null,
    });
  });
  test("is not injected again", async () => {
    const name = await newcomer();
    await send(room, { to: name });
    await hook(name);
    expect(await hook(name)).toBe("");
  });
  test("is not offered when its text could not be written, and the hook does not fail", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    const line = `ov mail check --inject --agent ${name} >/dev/full </dev/null`;
    expect(await sh(room, line)).toMatchObject({ code: 0, stdout: "" });
    expect(await room.receipt(id, name)).toMatchObject({ state: "leased" });
  });
  test("is not offered when its reader has gone", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    const line = `{ ov mail check --inject --agent ${name} </dev/null; echo $? >&2; } | :`;
    expect((await sh(room, line)).stderr).toBe("0\n");
    const { events } = await room.json("logs", "--kind", "hook.failed", "--agent", name);
    expect(events).toMatchObject([{ data: { cause: expect.stringContaining("EPIPE") } }]);
    expect(await room.receipt(id, name)).toMatchObject({ state: "leased" });
  });

  const both = async (first: Call, second: Call) => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    await hook(name, first);
    await hook(name, second);
    const { state, proof } = await room.receipt(id, name);
    return [state, proof];
  };
  test.each([
    ["Stop", "SessionStart"],
    ["Stop", "PostToolUse"],
    ["PostToolUse", "SessionStart"],
    ["PostToolUse", "Stop"],
  ])("is seen by a later %s of the session, after a %s", async (event, first) => {
    const session = "one";
    expect(await both({ event: first, session }, { event, session })).toEqual([
      "seen",
      `hook:${event}`,
    ]);
  });
  test.each(["Stop", "PostToolUse"])(
    "is not seen by a %s after a prompt, which may be queued",
    async (event) => {
      const session = "one";
      const first = { event: "UserPromptSubmit", session };
      expect(await both(first, { event, session })).toEqual(["offered", null]);
    },
  );
  test("is not seen by a PostToolUse after a PostToolUse: tools run side by side", async () => {
    const call = { event: "PostToolUse", session: "one" };
    expect(await both(call, call)).toEqual(["offered", null]);
  });
  test("is not seen by another session's Stop", async () => {
    expect(await both({ session: "one" }, { event: "Stop", session: "two" })).toEqual([
      "offered",
      null,
    ]);
  });
  test("is not seen by a Stop without a session, after one without", async () => {
    expect(await both({}, { event: "Stop" })).toEqual(["offered", null]);
  });
  test("is seen when the transcript holds its reply line", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    const transcript = join(room.base, `${name}.jsonl`);
    const text = await hook(name, { session: "one", transcript });
    writeFileSync(transcript, `${JSON.stringify({ content: text })}\n`);
    await hook(name, { session: "two" });
    expect(await room.receipt(id, name)).toMatchObject({ state: "seen", proof: "transcript" });
  });
  test("is not seen when the transcript only names its id", async () => {
    const name = await newcomer();
    const id = await send(room, { to: name });
    const transcript = join(room.base, `${name}.jsonl`);
    await hook(name, { session: "one", transcript });
    writeFileSync(transcript, JSON.stringify({ content: `ov mail read ${id}` }));
    await hook(name, { session: "two" });
    expect(await room.receipt(id, name)).toMatchObject({ state: "offered" });
  });
  test("keeps the marker until its proof", async () => {
    const name = await newcomer();
    await send(room, { to: name });
    await hook(name, { event: "PostToolUse", session: "one" });
    expect(existsSync(file("mail", name))).toBe(true);
    await hook(name, { event: "Stop", session: "one" });
    expect(existsSync(file("mail", name))).toBe(false);
  });
});

test.each([
  ["--agent=NAME", (name: string) => [`--agent=${name}`], {}],
  ["OVERSTORY_AGENT_NAME", () => [], { name: "OVERSTORY_AGENT_NAME" }],
  ["OV_AGENT", () => [], { name: "OV_AGENT" }],
])("the reader may be named by %s", async (_, args, env: { name?: string }) => {
  const name = await newcomer();
  await send(room, { to: name, body: "found" });
  const call = ["mail", "check", "--inject", ...args(name)];
  const { stdout } = await room.ov(call, { env: env.name ? { [env.name]: name } : {} });
  expect(stdout).toContain("found");
});

test("other text on stdin is not taken for a hook's", async () => {
  const name = await newcomer();
  await send(room, { to: name, body: "found" });
  const call = ["mail", "check", "--inject", "--agent", name];
  const { stdout } = await room.ov(call, { input: "lines\nof a script\n" });
  expect(stdout).toContain("found");
});

test("a caller that never closes stdin does not keep the hook", async () => {
  const name = await newcomer();
  await send(room, { to: name, body: "found" });
  const args = ["mail", "check", "--inject", "--agent", name];
  const child = spawn(OV, args, { cwd: room.root, env: room.env });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  child.stdin.write('{"hook_event_name":"Stop"}');
  const [code] = await once(child, "close");
  expect([code, JSON.parse(text).hookSpecificOutput.hookEventName]).toEqual([0, "Stop"]);
}, 5_000);

test("within --debounce a hook says nothing", async () => {
  const name = await newcomer();
  await room.json("mail", "check", "--agent", name, "--debounce", "3600000");
  await send(room, { to: name });
  const call = ["mail", "check", "--inject", "--agent", name, "--debounce", "3600000"];
  expect(await room.ov(call)).toEqual({ code: 0, stdout: "", stderr: "" });
});

describe("a hook that names as its transcript", () => {
  const pipe = join(room.base, "pipe");
  execFileSync("mkfifo", [pipe]);
  test.each([
    ["a device", "/dev/zero"],
    ["a pipe", pipe],
    ["a folder", room.base],
    ["a relative path", "one.jsonl"],
  ])("%s: it is not read, that is recorded, and the letter comes once", async (_, transcript) => {
    const agent = await newcomer();
    await send(room, { to: agent, body: `for ${agent}` });
    const first = await hook(agent, { session: "s", transcript });
    expect(first).toContain(`for ${agent}`);
    expect(await hook(agent, { session: "s", transcript })).toBe("");
    const { events } = await room.json("logs", "--agent", agent, "--kind", "hook.failed");
    const cause = expect.stringMatching(/^its transcript .* is no (file|absolute path)$/);
    expect(events[0]).toMatchObject({ data: { cause } });
  });

  test("a device that was stored before is not read either", async () => {
    const agent = await newcomer();
    const id = await send(room, { to: agent });
    await hook(agent, { session: "s", transcript: join(room.base, "none.jsonl") });
    const db = new Database(file("overture.db"));
    db.prepare("UPDATE deliveries SET transcript = '/dev/zero' WHERE recipient = ?").run(agent);
    db.close();
    expect(await room.json("mail", "check", "--agent", agent)).toMatchObject({ messages: [] });
    expect((await room.receipt(id, agent)).state).toBe("offered");
  });
});

describe("a broken database", () => {
  const broken = new TeamRoom();
  const call = ["mail", "check", "--inject", "--agent", "bo"];
  const home = join(broken.root, ".overture");
  const database = join(home, "overture.db");

  test("prints nothing and does not fail the agent", async () => {
    await broken.json("agents", "add", "bo");
    await send(broken, { to: "bo" });
    const whole = readFileSync(database);
    writeFileSync(database, "this is not a database");
    const { code, stdout } = await broken.ov(call);
    writeFileSync(database, whole);
    expect([code, stdout]).toEqual([0, ""]);
  });
  test("is written down beside it", () => {
    expect(readFileSync(join(home, "hooks.log"), "utf8")).toMatch(/not a database/);
  });
  test("costs no letter: it comes once the database is back", async () => {
    expect((await broken.ov(call)).stdout).toContain("You have 1 new message");
    await broken.close();
  });
});

test("after seven stops in a row the hook lets the agent stop, and the letter waits", async () => {
  const name = await newcomer();
  const stop = async (isRepeated: boolean) => {
    const id = await send(room, { to: name });
    const input = JSON.stringify({ hook_event_name: "Stop", stop_hook_active: isRepeated });
    const args = ["mail", "check", "--inject", "--event", "Stop"];
    const { stdout } = await room.ov(args, { env: { OV_AGENT: name }, input });
    return { id, said: stdout !== "" };
  };
  for (let i = 0; i < 7; i++) expect((await stop(i > 0)).said).toBe(true);
  const { id, said } = await stop(true);
  expect(said).toBe(false);
  expect((await room.receipt(id, name)).state).toBe("queued");
  expect((await stop(false)).said).toBe(true);
});
