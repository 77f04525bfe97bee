import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleAgent, eventually, isRunning, Room } from "./room.ts";

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

const letter = (id: string, subject: string, type = "status") =>
  `--- From: lead-1 (${type}) ---\nSubject: ${subject}\nbody\n` +
  `[Reply with: ov mail reply ${id} --body "..."]`;
const times = (text: string) => room.sent().filter((line) => line.includes(text)).length;

/** A hook that hands out the files `<event>-1`, `<event>-2` … of the room, each once. */
const outbox = (event: string) =>
  `f=$(ls ../${event}-* 2>/dev/null | head -n1); [ -n "$f" ] && cat "$f" && rm "$f"; true`;
const post = (name: string, text: string) => writeFileSync(join(room.dir, name), text);
const added = (hookEventName: string, additionalContext: string) =>
  JSON.stringify({ hookSpecificOutput: { hookEventName, additionalContext } });

describe("a turn", () => {
  it("begins with the first prompt and its role", async () => {
    await room.start({ prompt: "go", args: ["--append-system-prompt", "You are a builder."] });
    await eventually(() => room.sent()).toEqual(["prompt: go"]);
    expect(room.requests()[0]?.system).toBe("You are a builder.");
  });

  it("what each of four hooks adds reaches the model exactly once", async () => {
    room.launch({
      hooks: {
        SessionStart: "echo from-start",
        UserPromptSubmit: "echo from-prompt",
        PostToolUse: `echo '${added("PostToolUse", "from-tool")}'`,
        Stop: outbox("stop"),
      },
    });
    await room.reaches("idle");
    post("stop-1", JSON.stringify({ decision: "block", reason: "from-stop" }));
    await room.say("RUN: echo tool-output");
    await eventually(() => room.screen()).toContain("● ECHO: from-stop");
    await room.reaches("idle");
    expect(
      room.requests().map((request) => request.new.map(({ source, text }) => [source, text])),
    ).toEqual([
      [
        ["hook:SessionStart", "from-start"],
        ["prompt", "RUN: echo tool-output"],
        ["hook:UserPromptSubmit", "from-prompt"],
      ],
      [
        ["tool", "tool-output"],
        ["hook:PostToolUse", "from-tool"],
      ],
      [["hook:Stop", "from-stop"]],
    ]);
  });

  it("hooks are told the event, the prompt, the tool and a repeated stop", async () => {
    const log = (then = "") => `cat >> ../hooks.jsonl; ${then}`;
    await room.start({
      hooks: {
        SessionStart: log(),
        UserPromptSubmit: log(),
        PreToolUse: log(),
        PostToolUse: log(),
        Stop: log(outbox("stop")),
      },
    });
    post("stop-1", JSON.stringify({ decision: "block", reason: "again" }));
    await room.say("RUN: echo hi");
    await eventually(() => room.screen()).toContain("● ECHO: again");
    await room.reaches("idle");
    const calls = readFileSync(join(room.dir, "hooks.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(calls).toMatchObject([
      { hook_event_name: "SessionStart", source: "startup", cwd: room.work },
      { hook_event_name: "UserPromptSubmit", prompt: "RUN: echo hi" },
      { hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: { command: "echo hi" } },
      { hook_event_name: "PostToolUse", tool_response: { stdout: "hi\n", exitCode: 0 } },
      { hook_event_name: "Stop", stop_hook_active: false },
      { hook_event_name: "Stop", stop_hook_active: true },
    ]);
    expect(existsSync(calls[0].transcript_path)).toBe(true);
  });

  it("a stop hook that always blocks is overridden after nine", async () => {
    await room.start({ hooks: { Stop: "echo again >&2; exit 2" } });
    await room.say("go");
    await eventually(() => room.screen()).toContain("overridden");
    await room.reaches("idle");
    expect(times("hook:Stop: again")).toBe(9);
  });

  it("a prompt typed while busy fires its hook at once and is sent at the turn's end", async () => {
    await room.start({ hooks: { UserPromptSubmit: "cat >> ../prompts.jsonl; echo ctx" } });
    await room.say("SLOW 2");
    await room.reaches("busy");
    await room.say("second");
    await eventually(() => room.screen()).toContain("❯ second\n  ⎿  Queued");
    expect(room.screen()).toContain("❯\u00a0Press up to edit queued messages");
    await eventually(() => readFileSync(join(room.dir, "prompts.jsonl"), "utf8")).toContain(
      '"prompt":"second"',
    );
    expect(times("second")).toBe(0);
    await eventually(() => times("queued: second")).toBe(1);
    await room.reaches("idle");
    expect(times("ctx")).toBe(2);
  });

  it("a queued prompt follows the tool result of the same turn", async () => {
    await room.start();
    await room.say("RUN: while [ ! -e ../go ]; do sleep 0.05; done\nSLOW 1");
    await room.reaches("busy");
    await room.say("second");
    post("go", "");
    await eventually(() => room.requests()[1]?.new.map((block) => block.source)).toEqual([
      "tool",
      "queued",
    ]);
  });

  it("up takes a queued prompt back", async () => {
    await room.start();
    await room.say("SLOW 30");
    await room.reaches("busy");
    await room.say("second");
    room.keys("Up");
    await eventually(() => room.draft()).toBe("second");
    expect(room.screen()).not.toContain("Queued");
  });

  it("Esc ends the turn without a stop hook", async () => {
    await room.start({ hooks: { Stop: "touch ../stopped" } });
    await room.say("SLOW 30");
    await room.reaches("busy");
    await eventually(() => room.screen()).toContain("word2");
    room.keys("Escape");
    await room.reaches("idle");
    await eventually(() => room.screen()).toContain("Interrupted");
    expect(existsSync(join(room.dir, "stopped"))).toBe(false);
  });

  it("Esc kills the running command and what it started", async () => {
    await room.start();
    await room.say("RUN: sh -c 'echo $$ > ../pid; sleep 600'; true");
    await eventually(() => existsSync(join(room.dir, "pid"))).toBe(true);
    const pid = readFileSync(join(room.dir, "pid"), "utf8").trim();
    room.keys("Escape");
    await room.reaches("idle");
    await eventually(() => isRunning(Number(pid))).toBe(false);
  });

  it("context above 10,000 characters is cut to a preview and a file", async () => {
    await room.start({ hooks: { UserPromptSubmit: "printf '%011000d' 0" } });
    await room.say("go");
    await eventually(() => times("<persisted-output>")).toBe(1);
    const context = room.requests()[0]?.new[1]?.text ?? "";
    expect(context.length).toBeLessThan(3_000);
    const file = /saved to: (\S+)/.exec(context)?.[1] ?? "";
    expect(readFileSync(file, "utf8")).toHaveLength(11_000);
  });

  it("a hook that hangs ends at its timeout and the turn goes on", async () => {
    await room.start({ hooks: { UserPromptSubmit: "sleep 60" }, hookFields: { timeout: 0.3 } });
    await room.say("go");
    await eventually(() => room.screen()).toContain("● ECHO: go");
    expect(room.screen()).toContain("UserPromptSubmit hook timed out");
  });

  it("EXIT ends the program with that status", async () => {
    await room.start();
    await room.say("EXIT 7");
    await eventually(() => room.exit()).toBe("1 7");
    expect(room.session()).toBeUndefined();
  });

  it("a background hook that exits 2 wakes the idle session", async () => {
    await room.start({
      hooks: { SessionStart: "while [ ! -e ../wake ]; do sleep 0.05; done; echo news >&2; exit 2" },
      hookFields: { asyncRewake: true },
    });
    post("wake", "");
    await eventually(() => room.screen()).toContain("● ECHO: news");
    expect(room.sent()).toEqual(["hook:SessionStart: news"]);
  });
});

describe("a script", () => {
  it("answers letters by rule, once each, from every hook", async () => {
    await room.start({
      env: { OV_AGENT: "builder-1" },
      hooks: { UserPromptSubmit: outbox("prompt"), Stop: outbox("stop") },
      script: `
rules:
  - when: { type: dispatch }
    do:
      - run: echo {{agent}} {{id}} {{subject}} >> ../done
      - count: done
      - whenCount: { name: done, is: 2, do: [{ say: "both {{id}}" }] }
default:
  - say: "other {{id}}"
`,
    });
    post("prompt-1", `${letter("msg-1", "it's $(id)", "dispatch")}\n${letter("msg-2", "x")}`);
    const again = `${letter("msg-1", "again", "dispatch")}\n${letter("msg-3", "two", "dispatch")}`;
    post("stop-1", JSON.stringify({ decision: "block", reason: again }));
    await room.say("mail has come");
    await eventually(() => room.screen()).toContain("● both msg-3");
    await room.reaches("idle");
    expect(readFileSync(join(room.dir, "done"), "utf8")).toBe(
      "builder-1 msg-1 it's $(id)\nbuilder-1 msg-3 two\n",
    );
    expect(room.screen()).toContain("● other msg-2");
    expect(room.screen()).not.toContain("ECHO");
  });

  it("a failing command is shown and the steps go on", async () => {
    await room.start({
      script: "onStart: [{ run: 'echo no >&2; exit 3' }, { say: next }]",
      prompt: "go",
    });
    await eventually(() => room.screen()).toContain("● next");
    expect(room.screen()).toContain("Exit code 3");
  });

  it("a bad script ends the program and names the place", async () => {
    room.launch({ script: "default: [{ dance: 1 }]" });
    await eventually(() => room.exit()).toBe("1 1");
    // The first line: tmux scrolls it away when it writes that the pane is dead.
    expect(room.tmux(["capture-pane", "-p", "-S", "-5"])).toContain('default[0] "dance"');
  });
});
