import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleAgent, eventually, Room } from "./room.ts";

let bundle: { dir: string; file: string };
let room: Room;

beforeAll(async () => {
  bundle = await bundleAgent();
});
afterAll(() => rmSync(bundle.dir, { recursive: true, force: true }));
beforeEach(() => {
  room = new Room(bundle.file);
});
afterEach(() => room.close());

const times = (text: string) => room.sent().filter((line) => line.includes(text)).length;

describe("a refused tool call", () => {
  it("does not run, and the model is told why", async () => {
    await room.start({ hooks: { PreToolUse: "echo not here >&2; exit 2" } });
    await room.say("RUN: touch ../ran");
    await eventually(() => times("tool: Refused by a hook: not here")).toBe(1);
    expect(existsSync(join(room.dir, "ran"))).toBe(false);
  });

  it("a folder that is gone is a failed command, not the agent's end", async () => {
    await room.start();
    rmSync(room.work, { recursive: true });
    await room.say("RUN: true");
    await eventually(() => room.sent().at(-1)).toMatch(/^tool: Exit code 127/);
    await room.reaches("idle");
  });
});

describe("the permission dialog", () => {
  const script = "habits: { dialogHoldMs: 50 }";

  it("drops a paste, and Enter runs the command", async () => {
    await room.start({ script, hooks: { PermissionRequest: "cat > ../asked.json" } });
    await room.say("ASK: touch ../ran");
    await eventually(() => room.screen()).toContain(" ❯ 1. Yes");
    expect(room.session()).toMatchObject({ status: "waiting", waitingFor: "permission prompt" });
    await eventually(() => existsSync(join(room.dir, "asked.json"))).toBe(true);
    room.paste("2 no please");
    room.keys("Enter");
    await room.reaches("idle");
    expect(existsSync(join(room.dir, "ran"))).toBe(true);
    expect(room.draft()).toBe("");
    expect(times("please")).toBe(0);
  });

  it.each([["Escape"], ["2"], ["Down", "Enter"]])(
    "%s says no and ends the turn",
    async (...keys) => {
      await room.start({ script, hooks: { Stop: "touch ../stopped" } });
      await room.say("ASK: touch ../ran");
      await room.reaches("waiting");
      room.keys(...keys);
      await room.reaches("idle");
      expect(existsSync(join(room.dir, "ran"))).toBe(false);
      expect(existsSync(join(room.dir, "stopped"))).toBe(false);
    },
  );

  it("waits until nobody types", async () => {
    await room.start({ script: "habits: { dialogHoldMs: 600 }" });
    await room.say("ASK: true");
    let typed = 0;
    const keysBefore = 8;
    await eventually(() => {
      if (typed++ < keysBefore) room.keys("-l", "x");
      return room.session()?.status;
    }, 100).toBe("waiting");
    expect(typed).toBeGreaterThan(keysBefore);
  });
});
