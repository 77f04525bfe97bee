import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { usageReader } from "../../src/adapters/runtimes/transcript.ts";
import { addTokens, type Call, NO_TOKENS } from "../../src/domain/usage.ts";

const RECORDED = "test/fixtures/transcripts";
let dir: string;
beforeAll(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "usage-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const sum = (calls: readonly Call[]) => calls.reduce(addTokens, NO_TOKENS);
const models = (calls: readonly Call[]) => [...new Set(calls.map(({ model }) => model))];

/** As an OpenCode database has it. */
function opencode(): string {
  const path = join(dir, "opencode.db");
  const db = new Database(path);
  db.exec(readFileSync(`${RECORDED}/opencode.sql`, "utf8"));
  db.close();
  return `opencode:${path}#ses_e02288059ffeS44auYtDjgDbT0`;
}

test("Claude Code's recorded transcript has what a hand counts, with its subagent", async () => {
  const { calls, broken } = (await usageReader()(`${RECORDED}/claude.jsonl`))!;
  expect(sum(calls)).toEqual({
    // hello, the tool's call and its end, second words, the subagent's call, its start, its end;
    // and the subagent's own call, in a transcript of its own.
    input: 1037 + 1074 + 1111 + 1148 + 1185 + 1222 + 1296 + 1259,
    cacheRead: 513 + 526 + 539 + 552 + 565 + 578 + 604 + 591,
    cacheWrite: 81 + 92 + 103 + 114 + 125 + 136 + 158 + 147,
    cacheWrite1h: 33 + 36 + 39 + 42 + 45 + 48 + 54 + 51,
    output: 217 + 234 + 251 + 268 + 285 + 302 + 336 + 319,
  });
  expect([calls.length, broken, models(calls)]).toEqual([8, 0, ["claude-opus-5-5"]]);
});

test("Codex's recorded rollout has what a hand counts; its input holds the cache", async () => {
  const { calls, broken } = (await usageReader()(`codex:${RECORDED}/codex.jsonl`))!;
  expect(sum(calls)).toEqual({
    input: 1550 - 513 + (1650 - 539) + (1750 - 565) + (1800 - 578),
    cacheRead: 513 + 539 + 565 + 578,
    cacheWrite: 0,
    cacheWrite1h: 0,
    output: 217 + 251 + 285 + 302,
  });
  expect([calls.length, broken, models(calls)]).toEqual([4, 0, ["scripted"]]);
});

test("Codex's recorded rollout has its subagent's, which wrote one of its own", async () => {
  const day = `${RECORDED}/codex-team/2026/11/21`;
  const own = "rollout-2026-11-21T12-06-30-01a1fe00-3a58-77a0-976d-46b1dfd6b06a.jsonl";
  const { calls } = (await usageReader()(`codex:${day}/${own}`))!;
  expect(sum(calls)).toMatchObject({
    input: 1550 - 513 + (1650 - 539) + (1750 - 565) + (1800 - 578),
    output: 217 + 251 + 285 + 302,
  });
  const sub = "rollout-2026-11-21T12-06-35-01a1fe00-503e-7312-b5bc-e4f2f3308daf.jsonl";
  expect(sum((await usageReader()(`codex:${day}/${sub}`))!.calls).output).toBe(302);
});

test("Gemini CLI's recorded chat has what a hand counts; thoughts are written, too", async () => {
  const { calls, broken } = (await usageReader()(`gemini:${RECORDED}/gemini.jsonl`))!;
  expect(sum(calls)).toEqual({
    // The message that called a tool stands there twice.
    input: 1550 - 513 + (1600 - 526) + (1650 - 539) + (1700 - 552),
    cacheRead: 513 + 526 + 539 + 552,
    cacheWrite: 0,
    cacheWrite1h: 0,
    output: 196 + 21 + (212 + 22) + (228 + 23) + (244 + 24),
  });
  expect([calls.length, broken, models(calls)]).toEqual([4, 0, ["gemini-2.5-pro"]]);
});

test("OpenCode's recorded session has what a hand counts; the cache stands beside the input", async () => {
  const { calls, broken } = (await usageReader()(opencode()))!;
  expect(sum(calls)).toEqual({
    input: 1074 + 1111 + 1148 + 1185,
    cacheRead: 526 + 539 + 552 + 565,
    cacheWrite: 0,
    cacheWrite1h: 0,
    output: 212 + 22 + (228 + 23) + (244 + 24) + (260 + 25),
  });
  expect([calls.length, broken, models(calls)]).toEqual([4, 0, ["scripted"]]);
});

const claudeLine = (id: string, output: number, at = "2026-11-21T10:00:00Z") =>
  `${JSON.stringify({ type: "assistant", timestamp: at, message: { id, model: "m", usage: { input_tokens: 10, output_tokens: output } } })}\n`;

test("a message of several lines counts once, with its last figures", async () => {
  const path = join(dir, "blocks.jsonl");
  writeFileSync(path, claudeLine("a", 1) + claudeLine("a", 5) + claudeLine("b", 7));
  const { calls } = (await usageReader()(path))!;
  expect(sum(calls)).toMatchObject({ input: 10 + 10, output: 5 + 7 });
});

test("what is written after the first look is read at the next, and a half line only when whole", async () => {
  const path = join(dir, "grows.jsonl");
  const read = usageReader();
  const [half, rest] = [claudeLine("b", 7).slice(0, 40), claudeLine("b", 7).slice(40)];
  writeFileSync(path, claudeLine("a", 1) + half);
  expect(sum((await read(path))!.calls).output).toBe(1);
  appendFileSync(path, rest + claudeLine("a", 3));
  const after = (await read(path))!;
  expect([sum(after.calls).output, after.broken]).toEqual([3 + 7, 0]);
});

test("a file that was replaced by a shorter one is read anew", async () => {
  const path = join(dir, "anew.jsonl");
  const read = usageReader();
  writeFileSync(path, claudeLine("a", 1) + claudeLine("b", 2));
  await read(path);
  writeFileSync(path, claudeLine("c", 9));
  expect(sum((await read(path))!.calls).output).toBe(9);
});

test("broken lines are skipped and counted, whatever is broken about them", async () => {
  const path = join(dir, "broken.jsonl");
  const cut = claudeLine("x", 100).slice(0, 60);
  writeFileSync(path, `${claudeLine("a", 1)}${cut}\n{"usage":,}\nnoise\n\n${claudeLine("b", 2)}`);
  const { calls, broken } = (await usageReader()(path))!;
  expect([sum(calls).output, broken]).toEqual([1 + 2, 3]);
});

test("a line that spans many chunks is read whole", async () => {
  const path = join(dir, "long.jsonl");
  const filler = `${JSON.stringify({ type: "user", text: "é".repeat(3_000_000) })}\n`;
  writeFileSync(path, claudeLine("a", 1) + filler + claudeLine("b", 2));
  expect(sum((await usageReader()(path))!.calls).output).toBe(1 + 2);
});

const codexCount = (total: [number, number, number], last?: [number, number, number]) => {
  const usage = ([input, cached, output]: [number, number, number]) => ({
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
  });
  const info = { total_token_usage: usage(total), last_token_usage: last && usage(last) };
  const payload = { type: "token_count", info };
  return `${JSON.stringify({ timestamp: "2026-11-21T10:00:00Z", type: "event_msg", payload })}\n`;
};

test("an older rollout tells the sum only: what it grew by counts, a sum told twice once", async () => {
  const path = join(dir, "sum.jsonl");
  const limits = `${JSON.stringify({ type: "event_msg", payload: { type: "token_count", info: null } })}\n`;
  writeFileSync(
    path,
    codexCount([100, 40, 5]) + codexCount([100, 40, 5]) + limits + codexCount([250, 90, 12]),
  );
  const { calls } = (await usageReader()(`codex:${path}`))!;
  expect(calls.map(({ input, cacheRead, output }) => [input, cacheRead, output])).toEqual([
    [100 - 40, 40, 5],
    [250 - 100 - (90 - 40), 90 - 40, 12 - 5],
  ]);
});

test("a sum that falls is a thread that began anew", async () => {
  const path = join(dir, "anew-codex.jsonl");
  writeFileSync(path, codexCount([900, 0, 50]) + codexCount([300, 0, 8], [200, 0, 6]));
  const { calls } = (await usageReader()(`codex:${path}`))!;
  expect(sum(calls)).toMatchObject({ input: 900 + 200, output: 50 + 6 });
});

test.each(["/none/a.jsonl", "codex:/none/a", "gemini:/none/a", "opencode:/none/a#ses_1"])(
  "%s, which is not there, has no usage, which is not the usage 0",
  async (name) => {
    expect(await usageReader()(name)).toBeUndefined();
  },
);

test("of 100 MB of transcript the next look reads only what is new", async () => {
  const path = join(dir, "large.jsonl");
  const filler = `${JSON.stringify({ type: "user", message: { content: "word ".repeat(20_000) } })}\n`;
  const block = filler.repeat(10);
  for (let i = 0; i < 100; i++) appendFileSync(path, block + claudeLine(`m${i}`, i));
  const read = usageReader();
  const began = performance.now();
  expect((await read(path))!.calls).toHaveLength(100);
  const whole = performance.now() - began;
  const again = performance.now();
  await read(path);
  expect(performance.now() - again).toBeLessThan(whole / 3);
}, 240_000);
