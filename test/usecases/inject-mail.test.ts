import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { secrets } from "../../src/adapters/offer-secrets.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { LEASE_MS } from "../../src/domain/delivery.ts";
import * as replyLine from "../../src/domain/reply-line.ts";
import type { Store } from "../../src/ports/store.ts";
import { checkMail } from "../../src/usecases/check-mail.ts";
import { injectMail } from "../../src/usecases/inject-mail.ts";
import { recoverMail } from "../../src/usecases/recover-mail.ts";
import { NO_LIMITS, sendMail } from "../../src/usecases/send-mail.ts";

let dir: string;
let store: Store;
let clock: number;
let transcripts: Record<string, string>;
let takenBack: Record<string, number>;
let marked: Set<string>;
let undoes: boolean;

beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "inject-"));
  clock = 1_800_000_000_000;
  transcripts = {};
  takenBack = {};
  marked = new Set();
  undoes = false;
  const marker = {
    set: (n: string) => void marked.add(n),
    clear: (n: string) => void marked.delete(n),
  };
  store = openStore(join(dir, "a.db"), { now: () => clock, marker });
});
afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** All offers carry this one; test/cases/proof.test.ts has those of others. */
const SECRET = "0123456789abcdef";
const trace = (id: string) => replyLine.trace(id, SECRET);
const SHOWN = { get: () => new Set([SECRET]) } as unknown as Map<string, Set<string>>;

const holds = new Set<string>();
const tools = () => ({
  store,
  now: () => clock,
  transcriptHas: async (path: string, needles: readonly string[]) =>
    new Set(needles.filter((needle) => transcripts[path]?.includes(needle))),
  transcriptDropped: async (path: string, needle: string, { since }: { since: number }) =>
    (takenBack[`${path} ${needle}`] ?? 0) > since,
  takeBack: () => false,
  ...secrets,
  newSecret: () => SECRET,
  transcriptSecrets: async () => SHOWN,
  isAlive: (pid: number) => living.has(pid),
  transcriptUndoes: async () => undoes,
  oddTranscript: () => undefined,
  transcriptHolds: async (path: string, needle: string) => holds.has(`${path} ${needle}`),
});

function send(body = "b", priority: "normal" | "urgent" = "normal"): string {
  const draft = { sender: "bo", to: "orchestrator", subject: "s", body, payload: null };
  return sendMail(store, { ...draft, type: "status", priority }, NO_LIMITS).message.id;
}
const receipt = (id: string) => store.mail.get(id)!.deliveries[0]!;

let calls = 0;
const living = new Set<number>();
/** A hook of one of the reader's sessions; `isOnly` when it is known to be the only one. */
function hook({
  event = "UserPromptSubmit",
  session = "one",
  isOnly = true,
  hasTranscript = true,
  prompt = "go on",
} = {}) {
  const call = {
    event,
    runtimeSession: session,
    transcript: hasTranscript ? `${session}.jsonl` : undefined,
    prompt,
    stopActive: false,
  };
  return injectMail(tools(), "orchestrator", call, `${++calls}:hook`, isOnly);
}

test("a letter is offered only after its text has left", async () => {
  const id = send();
  const injection = await hook();
  expect(receipt(id).state).toBe("leased");
  injection.offered();
  expect(receipt(id).state).toBe("offered");
});

test("a letter whose text never left comes again once the lease is over", async () => {
  send("again");
  await hook();
  clock += LEASE_MS + 1;
  expect((await hook()).text).toContain("again");
});

test("while the lease holds, nobody else gets the letter", async () => {
  send();
  await hook();
  clock += LEASE_MS - 1;
  expect((await hook()).text).toBe("");
});

test("a hook that is late says nothing of a letter that another has taken since", async () => {
  const id = send();
  const late = await hook();
  clock += LEASE_MS + 1;
  await hook({ session: "two" });
  late.offered();
  expect(receipt(id).state).toBe("leased");
});

test("a text that left before the hook was killed is found in the transcript, not sent again", async () => {
  const id = send();
  const { text } = await hook();
  transcripts["one.jsonl"] = text;
  clock += LEASE_MS + 1;
  expect((await hook()).text).toBe("");
  expect(receipt(id)).toMatchObject({ state: "seen", proof: "transcript" });
});

test("a letter that a hook took is not given again while that hook lives, however late it is", async () => {
  const id = send();
  const slow = await hook();
  living.add(calls);
  clock += 8 * 60 * LEASE_MS;
  expect((await hook()).text).toBe("");
  slow.offered();
  expect(receipt(id).state).toBe("offered");
  living.clear();
});

test("an offer whose turn was taken back comes again at the next prompt, and wakes later", async () => {
  const id = send("again");
  (await hook()).offered();
  takenBack[`one.jsonl ${trace(id)}`] = ++clock;
  await recoverMail(tools(), "orchestrator", undefined);
  expect(receipt(id)).toMatchObject({ state: "queued", attempts: 2, nextTryAt: clock + 30_000 });
  const again = await hook();
  expect(again.text).toContain("again");
  again.offered();
  expect((await hook()).text).toBe("");
});

test("an offer that its ended session never took comes again in the next one", async () => {
  send("again");
  (await hook()).offered();
  clock += 3_000;
  expect((await hook({ session: "two" })).text).toContain("again");
});

test("an offer to a session that may still live does not come again", async () => {
  send();
  (await hook()).offered();
  clock += 3_000;
  expect((await hook({ session: "two", isOnly: false })).text).toBe("");
});

test("an offer to an ended session whose transcript holds it is seen", async () => {
  const id = send();
  (await hook()).offered();
  transcripts["one.jsonl"] = trace(id);
  clock += 3_000;
  await hook({ session: "two" });
  expect(receipt(id)).toMatchObject({ state: "seen", proof: "transcript" });
});

test("an offer that is unproved for ten minutes, and not in the transcript, comes again", async () => {
  send("again");
  (await hook()).offered();
  clock += 10 * 60_000 + 1;
  expect((await hook()).text).toBe("");
  clock += 30_000;
  expect((await hook()).text).toContain("again");
});

test.each([
  ["sleeps for eight hours", 8 * 60 * 60_000],
  ["is set back by eight", -8 * 60 * 60_000],
])(
  "an offer is not given again because the machine %s before it is written down",
  async (_, ms) => {
    const id = send();
    (await hook()).offered();
    for (let times = 0; times < 2; times++) {
      clock += ms;
      expect((await hook()).text).toBe("");
      clock += 20_000;
      expect((await hook()).text).toBe("");
    }
    transcripts["one.jsonl"] = trace(id);
    clock += 30_000;
    expect((await hook()).text).toBe("");
    expect(receipt(id)).toMatchObject({ state: "seen", proof: "transcript" });
  },
);

test("what the conversation holds for its next call does not come again while its session lives", async () => {
  const id = send("held");
  (await hook()).offered();
  holds.add(`one.jsonl ${trace(id)}`);
  clock += 10 * 60_000 + 1;
  expect((await hook()).text).toBe("");
  clock += 3_000;
  expect((await hook({ session: "two" })).text).toContain("held");
  holds.clear();
});

test("with a transcript, no hook proves anything: a context can be dropped", async () => {
  const first = send("first");
  (await hook({ event: "PostToolUse" })).offered();
  await hook({ event: "Stop" });
  expect(receipt(first)).toMatchObject({ state: "offered", proof: null });
});

test("without a transcript a Stop proves what the session was offered, and gives the rest", async () => {
  const first = send("first");
  (await hook({ event: "PostToolUse", hasTranscript: false })).offered();
  send("second");
  const { text } = await hook({ event: "Stop" });
  expect(receipt(first)).toMatchObject({ state: "seen", proof: "hook:Stop" });
  expect(text).toMatch(/^You have 1 new message:[\s\S]*second/);
});

test("a reader's own check does not take what a hook has leased", async () => {
  send();
  await hook();
  expect((await checkMail(tools(), "orchestrator", "reader")).letters).toEqual([]);
});

test("the marker stays while anything is queued, leased or offered", async () => {
  send();
  const injection = await hook();
  expect(marked.has("orchestrator")).toBe(true);
  injection.offered();
  await hook();
  expect(marked.has("orchestrator")).toBe(true);
});

test("what came with a prompt that may be queued is not overtaken by its sender's next", async () => {
  const first = send("first");
  (await hook()).offered();
  send("second");
  expect((await hook({ event: "PostToolUse" })).text).toBe("");
  transcripts["one.jsonl"] = trace(first);
  expect((await hook({ event: "PostToolUse" })).text).toContain("second");
});

test("what an ended session was offered is not overtaken by its sender's next", async () => {
  const first = send("first");
  (await hook({ event: "PostToolUse" })).offered();
  send("second");
  expect((await hook({ session: "two" })).text).toBe("");
  clock += 2_001;
  const { text } = await hook({ session: "two" });
  expect(receipt(first).state).toBe("leased");
  expect(text.indexOf("first")).toBeLessThan(text.indexOf("second"));
});

test("the marker goes with the last proof", async () => {
  send();
  (await hook({ event: "Stop", hasTranscript: false })).offered();
  await hook({ event: "Stop", hasTranscript: false });
  expect(marked.has("orchestrator")).toBe(false);
});

describe("of a program whose turns may be taken back", () => {
  beforeEach(() => {
    undoes = true;
  });

  /** Given with a prompt, and answered. */
  async function seen() {
    const id = send("first");
    (await hook()).offered();
    transcripts["one.jsonl"] = trace(id);
    await hook({ event: "PostToolUse" });
    expect(receipt(id).state).toBe("seen");
    return id;
  }

  test("a letter that was seen is given again with the next prompt once it was taken back", async () => {
    const id = await seen();
    expect(marked.has("orchestrator")).toBe(true);
    clock += 60_000;
    transcripts["one.jsonl"] = "";
    takenBack[`one.jsonl ${trace(id)}`] = clock;
    const { text, offered } = await hook();
    expect(text).toContain(id);
    expect(receipt(id)).toMatchObject({ state: "leased", proof: null, seenAt: null });
    offered();
    transcripts["one.jsonl"] = trace(id);
    expect((await hook({ event: "Stop" })).text).toBe("");
    expect(receipt(id).state).toBe("seen");
  });

  test("nothing prolongs a turn that was broken off, and what it takes with it goes in once", async () => {
    const id = await seen();
    const told = send("at the stop");
    (await hook({ event: "Stop" })).offered();
    // What was said at the stop comes as a prompt of the same turn.
    const text = "You have 1 new message:\n\nand so on";
    expect((await hook({ prompt: text })).text).toBe("");
    transcripts["one.jsonl"] = "";
    for (const one of [id, told]) takenBack[`one.jsonl ${trace(one)}`] = clock + 1;
    send("urgent", "urgent");
    expect((await hook({ event: "Stop" })).text).toBe("");
    expect(receipt(id)).toMatchObject({ state: "queued", reason: null });
    expect(receipt(told)).toMatchObject({ state: "queued", reason: "turn_undone" });
    clock += 1_000;
    const next = (await hook({ prompt: "go on" })).text;
    expect(next.match(/\[Reply with/g)).toHaveLength(3);
    expect(next.indexOf(id)).toBeLessThan(next.indexOf(told));
  });

  test("a letter of a turn that is over stays seen, and nobody looks for it", async () => {
    const id = await seen();
    expect((await hook()).text).toBe("");
    expect(marked.has("orchestrator")).toBe(false);
    takenBack[`one.jsonl ${trace(id)}`] = clock + 1;
    expect((await hook()).text).toBe("");
    expect(receipt(id).state).toBe("seen");
  });

  test("a letter that its reader has answered is not given again", async () => {
    const id = await seen();
    store.mail.ack(id, "orchestrator");
    takenBack[`one.jsonl ${trace(id)}`] = clock + 1;
    expect((await hook()).text).toBe("");
    expect(receipt(id).state).toBe("acked");
    expect(marked.has("orchestrator")).toBe(false);
  });

  test("a letter of a session that has ended stays seen", async () => {
    const id = await seen();
    await hook({ session: "two", event: "PostToolUse" });
    expect(store.mail.undoable("orchestrator")).toEqual([]);
    expect(receipt(id).state).toBe("seen");
  });
});

test("a letter that has expired is not injected", async () => {
  const draft = { sender: "bo", to: "orchestrator", subject: "s", body: "b", payload: null };
  const rest = { type: "status", priority: "normal", expiresAt: clock + 1_000 } as const;
  sendMail(store, { ...draft, ...rest }, NO_LIMITS);
  clock += 1_000;
  expect((await hook()).text).toBe("");
});

test("a slow recovery does not queue again what a hook has given meanwhile", async () => {
  const id = send();
  await hook();
  clock += LEASE_MS;
  let goOn: () => void = () => undefined;
  const asked = new Promise<void>((done) => {
    goOn = done;
  });
  const slow = { ...tools(), transcriptHas: () => asked.then(() => new Set<string>()) };
  const recovery = recoverMail(slow, "orchestrator", { session: "two" });
  const { text, offered } = await hook({ session: "two" });
  expect(text).toContain(id);
  offered();
  goOn();
  await recovery;
  expect(receipt(id)).toMatchObject({ state: "offered", session: "two" });
});
