import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tmux } from "../../src/adapters/tmux.ts";
import { TeamRoom, until } from "../team-room.ts";

const SOON = { timeout: 60_000, interval: 100 };
const room = new TeamRoom();
beforeAll(async () => {
  await room.json("sling", "t-1", "--name", "bo", "--prompt", "begin");
  await room.becomes("bo", "idle");
  // A screen that shows nothing known is that of a start for the first minute.
  const db = new Database(join(room.root, ".overture", "overture.db"));
  db.prepare("UPDATE sessions SET started_at = started_at - 120000").run();
  db.close();
});
afterAll(() => room.close());

const ask = (format: string) => room.tmux("display-message", "-p", "-t", "=bo:", format).trim();
const sizeOf = () => ask("#{pane_width}x#{pane_height}");
/** What the window itself says, where it says anything. */
const option = () => room.tmux("show-options", "-w", "-v", "-t", "=bo:", "window-size").trim();
/** Another program writes into the terminal: the agent draws only what changes, and knows nothing. */
const garble = () => writeFileSync(ask("#{pane_tty}"), "\u001b7\u001b[2J\u001b[3;3Hold row\u001b8");
const redraws = async () => (await room.json("feed", "--kind", "agent.redrawn")).events;
const send = async (subject: string) => {
  const words = ["--to", "bo", "--subject", subject, "--body", subject, "--wake"];
  return (await room.json("mail", "send", ...words)).id as string;
};
const seen = (id: string) =>
  until(
    `${id} seen`,
    () => room.receipt(id, "bo"),
    ({ state }) => state === "seen",
  );

test("a screen that cannot be read is drawn again when a message waits, and the pane is as before", async () => {
  const size = sizeOf();
  garble();
  await room.becomes("bo", "unknown");
  const reads = [["status"], ["explain", "bo"], ["peek", "bo"], ["inspect", "bo"]];
  for (const read of reads) expect(await room.ov(read)).toMatchObject({ code: 0 });
  expect(room.screen("bo")).toContain("old row");
  expect(await redraws()).toEqual([]);

  await seen(await send("first"));
  await room.becomes("bo", "idle");
  expect(room.reached("bo", "Subject: first")).toBe(1);
  expect(await redraws()).toMatchObject([{ kind: "agent.redrawn", agent: "bo" }]);
  await expect.poll(sizeOf, SOON).toBe(size);
  await expect.poll(option, SOON).toBe("");
  const explained = await room.json("explain", "bo");
  expect(explained.redrawn.why).toMatch(/composer|screen/);
  expect((await room.ov(["explain", "bo"])).stdout).toContain("made to draw its screen again");
});

test("a window that has a size of its own keeps it and its option", async () => {
  room.tmux("resize-window", "-t", "=bo:", "-x", "90");
  await expect.poll(() => room.screen("bo"), SOON).not.toContain("old row");
  await room.becomes("bo", "idle");
  garble();
  await room.becomes("bo", "unknown");
  await seen(await send("second"));
  await expect.poll(async () => (await redraws()).length, SOON).toBe(2);
  await expect.poll(() => ask("#{pane_width}"), SOON).toBe("90");
  expect(option()).toBe("manual");
});

test("a draft that was not on the screen any more is found, and holds the message", async () => {
  await room.becomes("bo", "idle");
  room.tmux("send-keys", "-t", "=bo:", "-l", "half a thought");
  await expect.poll(() => room.screen("bo"), SOON).toContain("half a thought");
  garble();
  await room.becomes("bo", "unknown");
  const id = await send("third");
  await until(
    "held",
    () => room.receipt(id, "bo"),
    ({ reason }) => reason === "human_draft",
  );
  expect(room.screen("bo")).toContain("half a thought");
  room.tmux("send-keys", "-t", "=bo:", "C-u");
  await seen(id);
});

test("words that only the screen has hold a message no longer than 20 s", async () => {
  await room.becomes("bo", "idle");
  const before = (await redraws()).length;
  writeFileSync(ask("#{pane_tty}"), "\u001b7-0\u001b8");
  const draft = async () => (await room.json("explain", "bo")).facts;
  await expect.poll(async () => JSON.stringify(await draft()), SOON).toContain("a draft stands");
  const id = await send("words of nobody");
  await until(
    "held",
    () => room.receipt(id, "bo"),
    ({ reason }) => reason === "human_draft",
  );
  await seen(id);
  expect((await redraws()).length).toBe(before + 1);
}, 90_000);

test("a draft that is there is drawn once again, and stays as it is", async () => {
  await room.becomes("bo", "idle");
  const before = (await redraws()).length;
  room.tmux("send-keys", "-t", "=bo:", "-l", "a thought of the evening");
  await expect.poll(() => room.screen("bo"), SOON).toContain("of the evening");
  const id = await send("held until it is gone");
  await expect.poll(async () => (await redraws()).length, SOON).toBe(before + 1);
  // Longer than it took the first time.
  const deadline = Date.now() + 25_000;
  while (Date.now() < deadline) {
    await new Promise((done) => setTimeout(done, 500));
    expect((await redraws()).length).toBe(before + 1);
    expect(await room.receipt(id, "bo")).toMatchObject({ state: "queued", reason: "human_draft" });
  }
  expect(room.screen("bo")).toContain("a thought of the evening");
  room.tmux("send-keys", "-t", "=bo:", "C-u");
  await seen(id);
}, 180_000);

test("a dialog that was not on the screen any more is shown again, and not answered", async () => {
  await room.becomes("bo", "idle");
  room.tmux("send-keys", "-t", "=bo:", "-l", "ASK: touch made-by-dialog");
  await expect.poll(() => room.screen("bo"), SOON).toContain("made-by-dialog");
  room.tmux("send-keys", "-t", "=bo:", "Enter");
  await expect.poll(() => room.screen("bo"), SOON).toContain("Do you want");
  const dialog = room.screen("bo");
  garble();
  await expect.poll(() => room.screen("bo"), SOON).toContain("old row");
  const id = await send("fourth");
  await expect.poll(() => room.screen("bo"), SOON).toBe(dialog);
  expect(await room.receipt(id, "bo")).toMatchObject({ state: "queued", reason: "dialog_open" });
  expect(await room.ov(["answer", "bo", "1"])).toMatchObject({ code: 0 });
  await seen(id);
});

test("a pane in copy mode, beside another pane, or that is not the agent's stays as it is", async () => {
  const terminal = tmux("templates/tmux.conf");
  const socket = join(room.base, `tmux-${process.getuid?.()}`, "ov");
  const pane = (await terminal.named(socket, "bo"))!;
  const untouched = async (ref = pane) => {
    const size = sizeOf();
    expect(await terminal.redraw(ref)).toBe(false);
    expect(sizeOf()).toBe(size);
  };
  await untouched({ ...pane, mark: "another" });
  await untouched({ ...pane, pane: "%99" });
  room.tmux("copy-mode", "-t", "=bo:");
  await untouched();
  room.tmux("copy-mode", "-q", "-t", "=bo:");
  room.tmux("split-window", "-d", "-t", "=bo:", "sleep 1000");
  await untouched();
  room.tmux("kill-pane", "-a", "-t", "=bo:");
  expect(await terminal.redraw(pane)).toBe(true);
  expect(ask("#{pane_width}")).toBe("89");
  await expect.poll(() => ask("#{pane_width}"), SOON).toBe("90");
});

test("whoever changes the width meanwhile keeps theirs", async () => {
  const socket = join(room.base, `tmux-${process.getuid?.()}`, "ov");
  const terminal = tmux("templates/tmux.conf");
  expect(await terminal.redraw((await terminal.named(socket, "bo"))!)).toBe(true);
  room.tmux("resize-window", "-t", "=bo:", "-x", "100");
  // A timer of the same server that was set later rings later.
  room.tmux("run-shell", "-d", "1.2", "-C", "set-option -g @over yes");
  await expect.poll(() => ask("#{@over}"), SOON).toBe("yes");
  expect(ask("#{pane_width}")).toBe("100");
});
