import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claudeKit } from "./claude-room.ts";
import { agentContract } from "./contract.ts";

agentContract(claudeKit, (stage) => {
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
});
