import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentContract } from "./contract.ts";
import { opencodeKit } from "./opencode-room.ts";
import { until } from "./stage.ts";

agentContract(opencodeKit, (stage) => {
  test("without its bell an idle agent is woken by the guarded paste, which holds for a draft", async () => {
    const s = stage();
    rmSync(join(s.room.session("bo"), "bell"));
    s.type("-l", "half a thought");
    await expect.poll(() => s.room.screen("bo")).toContain("┃  half a thought");
    const id = await s.send("letter-paste-6613");
    await s.held(id, "human_draft");
    expect(s.room.screen("bo")).toContain("┃  half a thought");
    s.type("C-u");
    expect(await s.seen(id)).toMatchObject({ door: "hook:UserPromptSubmit", proof: "transcript" });
    await s.is("idle");
    expect(s.reached("letter-paste-6613")).toBe(1);
    expect(s.model.main().at(-1)!.prompt).toMatch(/^\[ov wake-\w+\] You have mail/);
  });

  test("a letter that a turn's end did not take, for it was interrupted, comes by the bell", async () => {
    const s = stage();
    await s.prompt("SLOW 20");
    await s.is("busy");
    await until(
      "the first words",
      () => s.room.screen("bo"),
      (now) => now.includes("word2"),
    );
    const id = await s.send("letter-esc-2094");
    s.type("Escape");
    s.type("Escape");
    expect(await s.seen(id)).toMatchObject({ door: "bell", proof: "transcript" });
    await s.is("idle");
    expect(s.reached("letter-esc-2094")).toBe(1);
  });

  test("ov itself needs no dialog where every other command does", async () => {
    const s = stage();
    await s.prompt("RUN: ov mail send --to orchestrator --subject Hi --body from-bo");
    await until(
      "bo's letter",
      () => s.room.json("mail", "list", "--to", "orchestrator"),
      ({ messages }) => messages.some((one: { sender: string }) => one.sender === "bo"),
    );
    await s.is("idle");
  });

  test("a letter that comes while a subagent works reaches its own conversation, once", async () => {
    const s = stage();
    const task = { description: "sub", prompt: "RUN: sleep 3", subagent_type: "general" };
    await s.prompt(`CALL: task ${JSON.stringify(task)}`);
    await s.model.waitFor(({ prompt }) => prompt === "RUN: sleep 3", 20_000);
    const { door } = await s.seen(await s.send("letter-sub-7730"));
    expect(door).toBe("hook:PostToolUse");
    await s.is("idle");
    expect(s.reached("letter-sub-7730")).toBe(1);
    const sub = s.model.main().filter(({ prompt }) => prompt === "RUN: sleep 3");
    expect(sub.length).toBeGreaterThan(1);
    for (const { given } of sub) expect(given).not.toContain("letter-sub-7730");
  });

  test("nothing of ours is in the worktree, and the person's config stays as it was", () => {
    const s = stage();
    const worktree = join(s.room.root, ".overture", "worktrees", "bo");
    expect(existsSync(join(worktree, ".opencode"))).toBe(false);
    const status = s.room.git("-C", worktree, "status", "--porcelain", "--ignored");
    expect(status).toBe("");
    expect(s.room.env.OPENCODE_CONFIG_CONTENT).toBeUndefined();
  });

  test("a stop ends the program, a command that it runs and the bell's waiter", async () => {
    const s = stage();
    await s.prompt("RUN: sleep 987");
    const running = () => s.ps().filter((line) => /sleep 987|opencode --prompt|bell\.sh/.test(line));
    await until("the command", running, (lines) => lines.some((line) => line.includes("sleep 987")));
    expect(await s.room.ov(["stop", "bo"])).toMatchObject({ code: 0 });
    await until("their end", running, (lines) => lines.length === 0);
  });
});
