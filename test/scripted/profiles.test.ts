import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PROFILES } from "../../src/adapters/runtimes/scripted/profiles.ts";
import { scripted } from "../../src/adapters/runtimes/scripted.ts";
import { bundleAgent, eventually, Room } from "./room.ts";

let bundle: { dir: string; file: string };
let room: Room;

beforeAll(async () => {
  bundle = await bundleAgent();
});
afterAll(() => rmSync(bundle.dir, { recursive: true, force: true }));
const as = (profile: string) => room.start({ args: ["--profile", profile] });
const streams = () => eventually(() => room.screen()).toContain("word1");

describe("a look-alike", () => {
  beforeEach(() => {
    room = new Room(bundle.file);
  });
  afterEach(() => room.close());

  it("of Codex ends its answer for a prompt that Enter submits", async () => {
    await as("codex");
    await room.say("SLOW 60");
    await streams();
    await room.say("instead");
    await eventually(() => room.sent()).toEqual(["prompt: SLOW 60", "queued: instead"]);
    await room.reaches("idle");
  });

  it("of Codex queues a prompt that Tab submits", async () => {
    await as("codex");
    await room.say("SLOW 1");
    await streams();
    room.paste("afterwards");
    await eventually(() => room.draft()).toBe("afterwards");
    room.keys("Tab");
    await eventually(() => room.sent()).toContain("queued: afterwards");
    // The turn goes on.
    await eventually(() => room.screen()).toContain("word5");
  });

  it.each([
    ["codex", true],
    ["claude", false],
  ])("of %s takes a typed y for a yes: %s", async (profile, approves) => {
    await as(profile);
    await room.say("ASK: touch made");
    await eventually(() => room.screen()).toContain("Do you want to proceed?");
    room.keys("-l", "y");
    if (approves) await room.reaches("idle");
    else room.keys("Escape");
    await room.reaches("idle");
    expect(existsSync(join(room.work, "made"))).toBe(approves);
  });

  it("of Codex goes on for as long as its stop hook says not yet", async () => {
    const count =
      'n=$(cat n 2>/dev/null || echo 0); echo $((n+1)) >n; [ "$n" -ge 14 ] || exec sh -c "echo more >&2; exit 2"';
    await room.start({ args: ["--profile", "codex"], hooks: { Stop: count }, prompt: "go" });
    const stops = () => room.sent().filter((text) => text === "hook:Stop: more").length;
    await eventually(stops).toBe(14);
    await room.reaches("idle");
  });

  it("of OpenCode ends its turn without asking a hook", async () => {
    const Stop = "echo more >&2; exit 2";
    await room.start({ args: ["--profile", "opencode"], hooks: { Stop }, prompt: "go" });
    await room.reaches("idle");
    expect(room.sent()).toEqual(["prompt: go"]);
  });

  it("that has no such name is refused with those that there are", async () => {
    room.launch({ args: ["--profile", "cluade"] });
    await eventually(() => room.screen()).toContain(Object.keys(PROFILES).join(", "));
  });
});

it("a look-alike with a bell gets a waiter behind it, the plain one does not", () => {
  const hooksOf = (args: string[]) => {
    const { files } = scripted("agent.mjs").launch({
      ...{ agent: "bo", worktree: "/w", dir: "/d", rolePrompt: "", firstPrompt: "", args },
      ...{ resume: undefined, access: "write", writable: [], env: {}, command: undefined },
      hookCommand: (event) => `ov ${event}`,
    });
    return Object.entries(JSON.parse(files[0]!.text).hooks as Record<string, unknown>)
      .filter(([, hooks]) => JSON.stringify(hooks).includes("asyncRewake"))
      .map(([event]) => event);
  };
  expect(hooksOf([])).toEqual([]);
  expect(hooksOf(["--profile", "claude"])).toEqual(["Stop"]);
  expect(hooksOf(["--profile", "opencode"])).toEqual(["SessionStart", "Stop"]);
});
