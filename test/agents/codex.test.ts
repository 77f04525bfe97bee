import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codexKit } from "./codex-room.ts";
import { agentContract } from "./contract.ts";

const SOON = { timeout: 30_000, interval: 100 };

agentContract(codexKit, (stage) => {
  /** Runs a command in bo's shell tool; what the model was told of it. No `ov` is called here. */
  const run = async (command: string) => {
    const { model, prompt } = stage();
    const mine = () => model.main().filter((turn) => turn.prompt === `RUN: ${command}`);
    await prompt(`RUN: ${command}`);
    const told = () => mine().flatMap((turn) => turn.toolResults)[0];
    await expect.poll(told, SOON).toBeDefined();
    return told();
  };

  test("its sandbox lets it write and commit in its worktree, and nowhere else in the project", async () => {
    const { room } = stage();
    const said = await run(
      "touch mine; git add -A; git commit -qm mine; touch ../../../not-mine ../../../.git/config",
    );
    expect(said).toContain("not-mine': Read-only");
    expect(said).toContain("config': Read-only");
    await stage().is("idle");
    expect(room.git("log", "--format=%s", "ov/bo/t-1").split("\n")[0]).toBe("mine");
  });

  test("a letter that it sends from its sandbox wakes its recipient", async () => {
    const { room } = stage();
    const sling = ["sling", "t-2", "--name", "al", "--runtime", "scripted", "--prompt", "hello"];
    expect(await room.ov(sling)).toMatchObject({ code: 0 });
    await expect.poll(() => room.state("al"), SOON).toBe("idle");
    const said = await run("ov mail send --to al --subject From-bo --body letter-out-6120 --wake");
    expect(said).toContain("exited with code 0");
    await expect.poll(() => room.reached("al", "letter-out-6120"), SOON).toBe(1);
  });

  test("a look from its sandbox at panes that it may not see ends nobody's session", async () => {
    const { room, is } = stage();
    expect(await run("ov status")).toContain("not permitted");
    await is("idle");
    expect(await room.state("al")).toBe("idle");
  });

  test("the person's own settings stay as they were", () => {
    const home = join(stage().room.base, "home", ".codex");
    expect(readdirSync(home)).not.toContain("hooks.json");
    expect(readFileSync(join(home, "config.toml"), "utf8")).not.toContain("hooks");
    expect(existsSync(join(stage().room.root, ".overture/worktrees/bo/.codex"))).toBe(false);
  });
});
