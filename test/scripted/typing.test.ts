import { existsSync, readFileSync, rmSync } from "node:fs";
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

describe("the composer in a pane", () => {
  it("shows as ov-agent, with an empty composer and the cursor in it", async () => {
    await room.start();
    expect(room.format("#{pane_current_command}")).toBe("ov-agent");
    await eventually(() => room.screen()).toContain("scripted · ? for shortcuts");
    expect(room.screen()).toContain("Overture scripted agent · no model");
    expect(room.format("#{cursor_x},#{cursor_y}")).toBe("2,27");
  });

  it("a paste and a later Enter submit the text once", async () => {
    await room.start();
    await room.say("hello\nworld");
    await eventually(() => room.screen()).toContain("● ECHO: hello");
    expect(room.sent()).toEqual(["prompt: hello\nworld"]);
    expect(room.transcript().map((line) => line.type)).toEqual(["user", "assistant"]);
  });

  it("a long paste shows as a token and arrives in full", async () => {
    const text = Array.from({ length: 3000 }, (_, i) => `line ${i}`).join("\n");
    await room.start();
    room.paste(text);
    await eventually(() => room.draft()).toBe("[Pasted text #1 +2999 lines]");
    await room.submit();
    await eventually(() => room.sent()).toEqual([`prompt: ${text}`]);
  });

  it("an Enter that comes with the paste is lost and the draft stays", async () => {
    await room.start({ script: "habits: { swallowEnterMs: 1000 }" });
    room.paste("kept");
    await eventually(() => room.draft()).toBe("kept");
    room.keys("Enter");
    room.keys("-l", "!");
    await eventually(() => room.draft()).toBe("kept!");
    await eventually(() => {
      room.keys("Enter");
      return room.draft();
    }).toBe("");
    await eventually(() => room.sent()).toEqual(["prompt: kept!"]);
  });

  it("an Enter before the agent is ready is lost, the text is not", async () => {
    room.launch({ script: "habits: { readyMs: 3000 }" });
    await eventually(() => room.screen()).toContain("scripted ·");
    room.keys("-l", "early");
    room.keys("Enter");
    await eventually(() => room.draft()).toBe("early");
    expect(room.session()?.status).toBe("starting");
    await room.reaches("idle");
    expect(room.draft()).toBe("early");
  });

  it("Ctrl+U clears and backspace deletes", async () => {
    await room.start();
    room.keys("-l", "abc");
    room.keys("BSpace");
    await eventually(() => room.draft()).toBe("ab");
    room.keys("C-u");
    await eventually(() => room.draft()).toBe("");
  });

  it("a suggestion is dim and no draft", async () => {
    await room.start({ script: "habits: { placeholder: true }" });
    await eventually(() => room.screen()).toContain('❯\u00a0Try "edit <file>"');
    expect(room.draft()).toBe("");
    await room.say("real");
    await eventually(() => room.sent()).toEqual(["prompt: real"]);
  });

  it("20 columns leave the draft and the rules in place", async () => {
    await room.start();
    room.keys("-l", "draft");
    room.tmux(["resize-window", "-x", "20", "-y", "6"]);
    await eventually(() => room.screen().split("\n").slice(2, 5)).toEqual([
      "─".repeat(20),
      "❯\u00a0draft",
      "─".repeat(20),
    ]);
  });

  it.each([
    ["/exit", (r: Room) => r.say("/exit")],
    ["Ctrl+D", async (r: Room) => r.keys("C-d")],
    ["Ctrl+C twice", async (r: Room) => r.keys("C-c", "C-c")],
  ])("%s leaves with status 0 and removes the session file", async (_, leave) => {
    await room.start({ hooks: { SessionEnd: "cat > ../end.json" } });
    await leave(room);
    await eventually(() => room.exit()).toBe("1 0");
    expect(room.session()).toBeUndefined();
    expect(room.format("#{alternate_on}")).toBe("0");
  });

  it("a closed pane ends it by SIGHUP, after its hook and without a session file", async () => {
    const under = ["sh", "-c", 'trap : HUP; "$@"; echo $? > ../status', "sh"];
    await room.start({ hooks: { SessionEnd: "cat > ../end.json" }, under });
    room.tmux(["new-window", "-d", "sleep", "600"]);
    room.tmux(["kill-pane"]);
    const read = (name: string) => {
      const file = join(room.dir, name);
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    };
    await eventually(() => read("status")).toBe("129\n");
    expect(read("end.json")).toContain('"hook_event_name":"SessionEnd"');
    expect(room.session()).toBeUndefined();
  });
});
