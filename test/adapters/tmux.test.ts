import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { tmux } from "../../src/adapters/tmux.ts";
import type { PaneRef } from "../../src/domain/agent.ts";

const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
const SOCKET = "survey";
let base: string;
let panes: PaneRef[];
const before = { ...process.env };
const terminal = tmux("templates/tmux.conf");
const calls = () => readFileSync(join(base, "calls"), "utf8").split("\n").length - 1;
const real = (...args: string[]) => execFileSync("tmux", ["-L", SOCKET, ...args]).toString();

beforeAll(async () => {
  mkdirSync(rooms, { recursive: true });
  base = mkdtempSync(join(rooms, "t-"));
  const tool = execFileSync("sh", ["-c", "command -v tmux"]).toString().trim();
  const bin = join(base, "bin");
  mkdirSync(bin);
  // Counts the calls of the real tmux.
  writeFileSync(join(bin, "tmux"), `#!/bin/sh\necho >>"${base}/calls"\nexec ${tool} "$@"\n`);
  chmodSync(join(bin, "tmux"), 0o755);
  process.env.TMUX_TMPDIR = base;
  process.env.PATH = `${bin}:${process.env.PATH}`;
  const script = join(base, "pane.sh");
  writeFileSync(script, `printf 'I am %s\\n' "$TMUX_PANE"; cat`);
  panes = [];
  for (let n = 0; n < 30; n++) {
    panes.push(
      await terminal.open({ socket: SOCKET, window: `a${n}`, cwd: base, script, mark: `s-${n}` }),
    );
  }
  await vi.waitFor(() => expect(real("capture-pane", "-p", "-t", "%29")).toContain("I am %29"));
});

afterAll(() => {
  real("kill-server");
  process.env = before;
  rmSync(base, { recursive: true, force: true });
});

test("thirty panes are looked at by one call, each with its own frame", async () => {
  const n = calls();
  const frames = (await terminal.look(panes)).map(({ frame }) => frame);
  expect(calls() - n).toBe(1);
  expect(frames.map((frame) => frame?.lines[0])).toEqual(panes.map(({ pane }) => `I am ${pane}`));
  expect(frames.map((frame) => frame?.mark)).toEqual(panes.map(({ mark }) => mark));
});

test("a pane that is gone is told as such and hides no other", async () => {
  real("kill-pane", "-t", panes[3]!.pane);
  const looks = await terminal.look(panes);
  expect(looks[3]).toEqual({ gone: "pane" });
  expect(looks.filter(({ frame }) => frame === undefined)).toHaveLength(1);
});

test("a pane of another incarnation is not this pane", async () => {
  const [look] = await terminal.look([{ ...panes[0]!, mark: "another session" }]);
  expect(look).toEqual({ gone: "pane" });
});

test("a server whose process has ended has none of its panes, and the others are seen", async () => {
  const gone = { ...panes[1]!, socket: join(base, "nobody"), serverPid: 2 ** 22 + 1 };
  const looks = await terminal.look([gone, panes[1]!]);
  expect(looks[0]).toEqual({ gone: "server" });
  expect(looks[1]?.frame?.lines[0]).toBe(`I am ${panes[1]!.pane}`);
});

test("a server that lives and does not answer has neither panes nor lost them", async () => {
  const path = join(base, "nobody");
  const [look] = await terminal.look([{ ...panes[1]!, socket: path }]);
  expect(look?.unreached).toMatchObject({ why: `its tmux socket is gone: ${path}`, mends: true });
});

test("nothing is written once a key has moved the cursor since the look", async () => {
  const pane = panes[5]!;
  const frame = (await terminal.look([pane]))[0]?.frame;
  const cursor = { x: frame!.cursorX, y: frame!.cursorY };
  const guard = { commands: [frame!.command], leaveMode: false, cursor };
  real("send-keys", "-t", pane.pane, "half");
  await vi.waitFor(() => expect(real("capture-pane", "-p", "-t", pane.pane)).toContain("half"));
  const refused = { ok: false, refusal: "screen_changed" };
  expect(await terminal.paste(pane, "typed", guard)).toEqual(refused);
  expect(await terminal.press(pane, "Enter", guard)).toEqual(refused);
  const moved = { ...guard, cursor: { x: cursor.x + "half".length, y: cursor.y } };
  expect(await terminal.paste(pane, "typed", moved)).toEqual({ ok: true });
  await vi.waitFor(() =>
    expect(real("capture-pane", "-p", "-t", pane.pane)).toContain("halftyped"),
  );
});

/** Types a row into a pane whose program never moves its cursor, and says where all stands. */
async function typed(pane: PaneRef, row: string) {
  real("send-keys", "-t", pane.pane, "-l", row);
  const look = async () => (await terminal.look([pane]))[0]!.frame!;
  await vi.waitFor(async () =>
    expect((await look()).lines.findLast((line) => line !== "")).toContain(row.trim().slice(-9)),
  );
  const { cursorX: x, cursorY: y, lines } = await look();
  const last = lines.findLastIndex((line) => line !== "");
  const press = (text: string, at = last) => {
    const cursor = { x, y, row: { y: at, text } };
    return terminal.press(pane, "Up", { commands: ["cat", "sh"], leaveMode: false, cursor });
  };
  return { text: lines[last]!, last, press };
}

const changed = { ok: false, refusal: "screen_changed" };

test("a write holds only while the row is as it was, whatever stands in it", async () => {
  const pane = panes[7]!;
  const row = `   a [b] {c}, #{d} (e|f)* 5% \\ "g" 'h' ^$ é漢 👩‍👩‍👧 # the end `;
  const { text, press } = await typed(pane, row);
  expect(await press(text)).toEqual({ ok: true });
  const now = await typed(pane, "?");
  expect(await now.press(text)).toEqual(changed);
  // The same words stand further in, as in a conversation; or in another line.
  expect(await now.press(now.text.slice(4))).toEqual(changed);
  expect(await now.press(now.text, now.last - 1)).toEqual(changed);
  expect(await now.press(now.text)).toEqual({ ok: true });
});

test("a row that stands there twice is read in its own line, and nobody sees how", async () => {
  const pane = panes[8]!;
  const row = " >   it's the composer's {row}";
  const first = await typed(pane, `${row}\n`);
  const { last, press } = await typed(pane, row);
  expect(last).toBeGreaterThan(first.last);
  const modes = () => real("display-message", "-p", "-t", pane.pane, "#{pane_in_mode}").trim();
  expect(await press(row)).toEqual({ ok: true });
  expect(modes()).toBe("0");
  const now = await typed(pane, "?");
  expect(await now.press(row)).toEqual(changed);
  expect(modes()).toBe("0");
  expect(await now.press(now.text)).toEqual({ ok: true });
});
