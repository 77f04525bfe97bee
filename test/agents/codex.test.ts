import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { codexKit } from "./codex-room.ts";
import { agentContract } from "./contract.ts";
import { setTheStage } from "./stage.ts";

const SOON = { timeout: 90_000, interval: 100 };

agentContract(codexKit, (stage) => {
  /** Runs a command in an agent's shell tool; what the model was told of it. Calls no `ov`. */
  const run = async (command: string, agent = "bo") => {
    const { model, room } = stage();
    const prompt = `RUN: ${command}`;
    const mine = () => model.main().filter((turn) => turn.prompt === prompt);
    room.tmux("send-keys", "-t", `=${agent}:`, "-l", prompt);
    await expect.poll(() => room.screen(agent), SOON).toContain(prompt.slice(0, 30));
    await new Promise((done) => setTimeout(done, codexKit.settleMs));
    room.tmux("send-keys", "-t", `=${agent}:`, "Enter");
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

  test("in its sandbox, which has process numbers of its own, it is known by its session's key", async () => {
    const { room } = stage();
    const send = "ov mail send --to al --subject Known --body b";
    expect(await run(`env -u OV_AGENT ${send}`)).toContain("exited with code 0");
    const { messages } = await room.json("mail", "list", "--to", "al", "--from", "bo");
    expect(messages[0].subject).toBe("Known");
    const said = await run(`${send} --from orchestrator`);
    expect(said).toContain("bo (it carries the key of its session) may not speak");
    const { events } = await room.json("logs", "--kind", "access.refused");
    expect(events.at(-1)).toMatchObject({ agent: "bo", caller: "bo", found: "key" });
  });

  test("a look from its sandbox at panes that it may not see ends nobody's session", async () => {
    const { room, is } = stage();
    expect(await run("ov status")).toMatch(/bo +builder +unknown .*in another container/);
    await is("idle");
    expect(await room.state("al")).toBe("idle");
  });

  test("a permission dialog is answered on purpose, by a word of one option only", async () => {
    const { room, prompt, is } = stage();
    await prompt(codexKit.ask!);
    await is("waiting");
    await expect
      .poll(async () => (await room.ov(["answer", "bo", "maybe"])).stderr)
      .toMatch(/1\. Yes, proceed \(y\); 2\. Yes, and .*3\. No/);
    expect(await room.ov(["answer", "bo", "1"])).toMatchObject({ code: 0 });
    await is("idle");
    const made = join(room.root, ".overture", "worktrees", "bo", "made-by-dialog");
    expect(existsSync(made)).toBe(true);
  });

  test("a scout's sandbox lets it write mail and no file", async () => {
    const { room } = stage();
    const sling = ["sling", "t-3", "--name", "sc", "--capability", "scout", "--runtime", "codex"];
    expect(await room.ov([...sling, "--prompt", "look"])).toMatchObject({ code: 0 });
    await expect.poll(() => room.state("sc"), SOON).toBe("idle");
    const files = "touch mine; touch ../bo/not-mine";
    const said = await run(
      `${files}; ov mail send --to al --subject Seen --body by-scout-77`,
      "sc",
    );
    expect(said).toContain("exited with code 0");
    expect(said).toContain("mine': Read-only");
    expect(said).toContain("not-mine': Read-only");
    const { messages } = await room.json("mail", "list", "--to", "al");
    expect(messages.map(({ from }: { from: string }) => from)).toContain("sc");
  });

  test("letters at each of its stops keep it going seven times, then its turn ends", async () => {
    const { model, room, prompt, is } = stage();
    await is("idle");
    const letter = ["mail", "send", "--to", "bo", "--subject", "Long", "--body", "x".repeat(5_000)];
    for (let i = 0; i < 10; i++) await room.json(...letter, "--priority", "low");
    const before = model.main().length;
    await prompt("many letters wait");
    await expect.poll(() => model.main().length, SOON).toBeGreaterThan(before);
    await is("idle");
    const stops = model
      .main()
      .slice(before)
      .filter(({ context }) => /<hook_prompt/.test(context));
    expect(stops).toHaveLength(7);
    const { messages } = await room.json("mail", "list", "--to", "bo");
    const queued = messages.filter(
      (row: { receipts: { state: string }[] }) => row.receipts[0]?.state === "queued",
    );
    expect(queued).toHaveLength(2);
  });

  test("a long letter in Cyrillic arrives at a stop with its last line", async () => {
    const { model, room, prompt, is } = stage();
    await prompt("SLOW 2");
    await is("busy");
    const letter = ["mail", "send", "--to", "bo", "--subject", "Long", "--body", "д".repeat(7_000)];
    const { id } = await room.json(...letter, "--priority", "urgent");
    await is("idle");
    const stops = model.main().filter(({ context }) => context.startsWith("<hook_prompt"));
    const said = stops.map(({ context }) => context).find((text) => text.includes(id));
    expect(said).toContain(`cut here; read all of it with: ov mail read ${id}`);
    expect(said).toContain(`[Reply with: ov mail reply ${id}~`);
    expect(said).not.toContain("truncated output");
  });

  test("the person's own settings stay as they were", () => {
    const home = join(stage().room.base, "home", ".codex");
    expect(readdirSync(home)).not.toContain("hooks.json");
    expect(readFileSync(join(home, "config.toml"), "utf8")).not.toContain("hooks");
    // Its own sandbox keeps the place of this folder by an empty one, which may stay.
    const place = join(stage().room.root, ".overture/worktrees/bo/.codex");
    const there = statSync(place, { throwIfNoEntry: false });
    const left = there?.isDirectory() ? readdirSync(place) : "x".repeat(there?.size ?? 0);
    expect(left).toHaveLength(0);
  });
});

describe.skipIf(!codexKit.installed() && process.env.OV_SKIP_AGENTS === "1")("trust", () => {
  test("is answered by sling where the config names the option", async () => {
    const answers = { trust: "Trust and continue" };
    const s = await setTheStage(codexKit, { isTrusted: false, answers });
    try {
      expect(s.model.main()[0]!.prompt).toContain("hello");
    } finally {
      await s.strike();
    }
  });
});
