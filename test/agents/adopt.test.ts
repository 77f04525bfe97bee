import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { byHand } from "./by-hand.ts";
import { claudeKit } from "./claude-room.ts";
import { codexKit } from "./codex-room.ts";
import { geminiKit } from "./gemini-room.ts";
import type { AgentKit } from "./kit.ts";
import { opencodeKit } from "./opencode-room.ts";

const SOON = { timeout: 90_000, interval: 100 };
const OV = join(process.cwd(), "bin/ov");
const skip = (kit: AgentKit) => !kit.installed() && process.env.OV_SKIP_AGENTS === "1";

describe.skipIf(skip(claudeKit))("a Claude Code that a person started", () => {
  const me = byHand(claudeKit);
  const run = () => me.run("claude --permission-mode manual --allowedTools Bash", "❯\u00a0");

  test("gets a letter by typing, once, proved by its transcript; what it answers is its own", async () => {
    await run();
    const { runtime, missing, works } = await me.adopt();
    await me.state("idle");
    expect(runtime).toBe("claude");
    expect(missing.join()).toContain("its hooks are not ours");
    expect(works.join()).toContain("seen is proved by its transcript");
    const id = await me.send("letter-typed-4471\n/quit\n!ls");
    await me.becomes(id, "seen");
    expect(await me.receipt(id)).toMatchObject({ door: "type", proof: "transcript" });
    await me.state("idle");
    expect(me.reached("letter-typed-4471")).toBe(1);
    expect(me.model().main().at(-1)!.prompt).toMatch(/^\[ov type-\w+\] Mail for you: /);

    me.type("-l", "half a thought");
    await expect.poll(me.screen, SOON).toContain("❯\u00a0half a thought");
    const next = await me.send("letter-draft-8812");
    await expect.poll(async () => (await me.receipt(next)).reason, SOON).toBe("human_draft");
    expect(me.screen()).toContain("❯\u00a0half a thought");
    me.type("C-u");
    await me.becomes(next, "seen");
    await me.state("idle");
    expect([me.reached("letter-draft-8812"), me.reached("half a thought")]).toEqual([1, 0]);

    await me.prompt(`RUN: ${OV} mail reply ${id} --body done`);
    await me.becomes(id, "acked");
  }, 240_000);

  test("adopts itself by a command that it runs in its own pane", async () => {
    await run();
    await me.prompt(`RUN: ${OV} adopt --name bo`);
    await me.state("idle");
    await expect.poll(() => me.model().main().at(-1)?.given, SOON).toContain("bo adopted: claude");
    const id = await me.send("letter-itself-3358");
    await me.becomes(id, "seen");
    expect(me.reached("letter-itself-3358")).toBe(1);
  }, 240_000);

  test("with our hooks in its project gets letters by injection after its first prompt", async () => {
    await me.room().ov(["hooks", "install"]);
    await run();
    const { missing } = await me.adopt();
    await me.state("idle");
    expect(missing.join()).toContain("letters are injected from its next prompt on");
    await me.prompt("hello");
    await expect.poll(() => me.model().main().length, SOON).toBeGreaterThan(0);
    await me.state("idle");
    const id = await me.send("letter-injected-2290");
    await me.becomes(id, "seen");
    const injected = { door: "hook:UserPromptSubmit", proof: "transcript" };
    expect(await me.receipt(id)).toMatchObject(injected);
    await me.state("idle");
    await me.prompt("RUN: sleep 2");
    await me.state("busy");
    const next = await me.send("letter-tool-1175");
    await me.becomes(next, "seen");
    expect((await me.receipt(next)).door).toBe("hook:PostToolUse");
    await me.state("idle");
    expect([me.reached("letter-injected-2290"), me.reached("letter-tool-1175")]).toEqual([1, 1]);
    expect(await me.room().ov(["release", "bo"])).toMatchObject({ code: 0 });
    expect(me.screen()).toContain("❯\u00a0");
  }, 240_000);
});

/** What a person types, what its ready screen shows, and the size of a letter that it may take another way. */
const TYPED = [
  { kit: codexKit, command: "codex --no-daemon", ready: "›", words: 400, isCut: true },
  // Its composer shows a token for what is pasted.
  { kit: opencodeKit, command: "opencode", ready: "Ask anything", words: 200, isCut: false },
  // With 256 colours its composer has no edges, only a background.
  { kit: geminiKit, command: "gemini", ready: "Type your message", words: 200, isCut: false },
];

describe.each(TYPED)("$kit.runtime that a person started", ({ kit, command, ready, ...facts }) => {
  const me = byHand(kit);

  test.skipIf(skip(kit))(
    "gets letters by typing, short and long, each once",
    async () => {
      await me.run(command, ready);
      const { runtime } = await me.adopt();
      expect(runtime).toBe(kit.runtime);
      await me.state("idle");
      const short = await me.send("letter-short-5521\n!ls\n/quit");
      await me.becomes(short, "offered");
      await expect.poll(() => me.reached("letter-short-5521"), SOON).toBe(1);
      await me.state("idle");
      // No word twice: Gemini CLI opens a dialog over an answer that repeats itself.
      const words = Array.from({ length: facts.words }, (_, index) => `word-${index}`).join(" ");
      const long = await me.send(`letter-long-7730 ${words}`);
      await me.becomes(long, "offered");
      await expect.poll(() => me.reached("letter-long-7730"), SOON).toBe(1);
      const rest = me.reached(`read all of it with: ov mail read ${long}`);
      expect(rest).toBe(facts.isCut ? 1 : 0);
      expect(me.reached("letter-short-5521")).toBe(1);
      expect((await me.receipt(long)).door).toBe("type");
    },
    240_000,
  );
});
