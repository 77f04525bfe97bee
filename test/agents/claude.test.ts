import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { claudeKit } from "./claude-room.ts";
import { agentContract } from "./contract.ts";
import { setTheStage } from "./stage.ts";

agentContract(claudeKit, (stage) => {
  test("a permission dialog is answered on purpose, by a word of one option only", async () => {
    const s = stage();
    await s.prompt("RUN: touch made-by-answer");
    await s.is("waiting");
    const answer = (option: string) => s.room.ov(["answer", "bo", option]);
    await expect.poll(async () => (await answer("yes,")).stderr).toContain("more than one option");
    expect((await answer("maybe")).stderr).toMatch(/1\. Yes; 2\. Yes, and .*4\. No/);
    expect(await answer("1")).toMatchObject({ code: 0 });
    await s.is("idle");
    const made = join(s.room.root, ".overture", "worktrees", "bo", "made-by-answer");
    expect(existsSync(made)).toBe(true);
    const again = await answer("1");
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("no dialog is open")]);
  });

  test("without its bell an idle agent is woken by the guarded paste, which holds for a draft", async () => {
    const s = stage();
    rmSync(join(s.room.session("bo"), "bell"));
    s.type("-l", "half a thought");
    await expect.poll(() => s.room.screen("bo")).toContain("❯\u00a0half a thought");
    const id = await s.send("letter-paste-6613");
    await s.held(id, "human_draft");
    expect(s.room.screen("bo")).toContain("❯\u00a0half a thought");
    s.type("C-u");
    await s.seen(id);
    await s.is("idle");
    expect(s.reached("letter-paste-6613")).toBe(1);
    expect(s.model.main().at(-1)!.prompt).toMatch(/^\[ov wake-\w+\] You have mail/);
  });

  test("a queued prompt that is taken back leaves its letter to the tool that runs, once", async () => {
    const { room, model, type, prompt, is, seen, reached } = stage();
    await prompt("RUN: sleep 4");
    await is("busy");
    const args = [
      "mail",
      "send",
      "--to",
      "bo",
      "--subject",
      "News",
      "--body",
      "letter-popped-5120",
    ];
    const { id } = await room.json(...args);
    await prompt("queued words");
    const door = async () => (await room.receipt(id, "bo")).door;
    await expect.poll(door, { timeout: 90_000 }).toBe("hook:UserPromptSubmit");
    await expect.poll(() => room.screen("bo"), { timeout: 90_000 }).toContain("Press up to edit");
    // Taken back any sooner it is in no queue, and nothing tells of it.
    const { transcript } = (await room.json("inspect", "bo")).sessions[0];
    const written = () => readFileSync(transcript, "utf8");
    await expect.poll(written, { timeout: 90_000 }).toContain('"operation":"enqueue"');
    type("Up");
    expect((await seen(id)).door).toBe("hook:PostToolUse");
    await is("idle");
    expect(reached("letter-popped-5120")).toBe(1);
    expect(model.main().filter(({ given }) => given.includes("queued words"))).toEqual([]);
    type("C-u");
  });
});

describe.skipIf(!claudeKit.installed() && process.env.OV_SKIP_AGENTS === "1")("trust", () => {
  test("is answered by sling where the config names the option", async () => {
    const answers = { trust: "Yes, I trust this folder" };
    const s = await setTheStage(claudeKit, { isTrusted: false, answers });
    try {
      expect(s.model.main()[0]!.prompt).toContain("hello");
    } finally {
      await s.strike();
    }
  }, 180_000);

  test("is left to the person, and sling says so, where it has no such option", async () => {
    const answers = { trust: "Perhaps" };
    const s = await setTheStage(claudeKit, { isTrusted: false, answers, state: "waiting" });
    try {
      expect(s.slung).toContain("bo waits at a dialog: ");
      expect(s.slung).toContain('"Perhaps" is no option of this dialog');
      expect(s.slung).toContain('ov answer bo "Yes, I trust this folder"');
      expect(s.room.screen("bo")).toContain("❯ No, exit");
    } finally {
      await s.strike();
    }
  }, 180_000);
});

describe.skipIf(!claudeKit.installed() && process.env.OV_SKIP_AGENTS === "1")("a start", () => {
  test("at the trust dialog ends with 4, and names dialog, options and command in JSON", async () => {
    const s = await setTheStage(claudeKit, { isTrusted: false, state: "waiting" });
    try {
      const args = ["sling", "t-2", "--name", "cy", "--runtime", "claude", "--prompt", "hello"];
      const { code, stdout } = await s.room.ov([...args, "--json"]);
      expect(code).toBe(4);
      const { ready, dialog } = JSON.parse(stdout);
      expect(ready).toBe(false);
      expect(dialog.options).toEqual(["No, exit", "Yes, I trust this folder"]);
      expect(dialog.answer).toBe('ov answer cy "Yes, I trust this folder"');
    } finally {
      await s.strike();
    }
  }, 180_000);

  test("with a task of 156 KB: the model has read all of it, and nobody was asked", async () => {
    const s = await setTheStage(claudeKit);
    try {
      const lines = Array.from({ length: 4_000 }, (_, n) => `line ${n} of the long specification`);
      const spec = join(s.room.root, ".overture", "specs", "t-2.md");
      writeFileSync(spec, [...lines, "THE VERY END"].join("\n"));
      const { code } = await s.room.ov(["sling", "t-2", "--name", "cy", "--runtime", "claude"]);
      expect(code).toBe(0);
      await s.is("idle", "cy");
      const given = s.model.main().at(-1)!.given;
      expect(lines.filter((line) => !given.includes(`${line}\n`))).toEqual([]);
      expect(given).toContain("THE VERY END");
    } finally {
      await s.strike();
    }
  }, 240_000);
});
