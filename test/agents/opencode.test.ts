import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../team-room.ts";
import { agentContract } from "./contract.ts";
import { opencodeKit, personConfig } from "./opencode-room.ts";
import type { Stage } from "./stage.ts";

const SOON = { timeout: 90_000, interval: 100 };
const START = { timeout: 120_000, interval: 200 };

const worktree = ({ room }: Stage, name: string) => join(room.root, ".overture", "worktrees", name);
/** Lines of pid and arguments that hold all these texts; what has ended and waits to be asked is left out. */
const processes = (...texts: string[]) =>
  execFileSync("ps", ["-eo", "pid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !/^\d+ Z/.test(line) && texts.every((text) => line.includes(text)));

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

  test("a screen that nobody can read is drawn again for a message that waits", async () => {
    const s = stage();
    rmSync(join(s.room.session("bo"), "bell"), { force: true });
    const tty = s.room.tmux("display-message", "-p", "-t", "=bo:", "#{pane_tty}").trim();
    // As after a resize: OpenCode draws only what changes, and does not know what is there now.
    writeFileSync(tty, "\u001b7\u001b[2J\u001b[3;3Hold row\u001b8");
    await s.is("unknown");
    const id = await s.send("letter-redraw-5521");
    await s.seen(id);
    await s.is("idle");
    expect(s.reached("letter-redraw-5521")).toBe(1);
    expect(s.room.screen("bo")).not.toContain("old row");
    const { redrawn } = await s.room.json("explain", "bo");
    expect(redrawn.why).toBe("no composer");
  });

  test("a letter that a turn's end did not take, for it was interrupted, wakes it", async () => {
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
    await expect.poll(() => s.room.screen("bo"), SOON).toContain("esc again to interrupt");
    s.type("Escape");
    const { door, proof } = await s.seen(id);
    // On a slow machine nobody waits behind the bell yet, and the wake is typed.
    expect(door).toMatch(/^(bell|hook:UserPromptSubmit)$/);
    expect(proof).toBe("transcript");
    await s.is("idle");
    expect(s.reached("letter-esc-2094")).toBe(1);
  });

  test("ov itself needs no dialog where every other command does", async () => {
    const s = stage();
    await s.prompt("RUN: ov mail send --to orchestrator --subject Hi --body from-bo");
    await until(
      "bo's letter",
      () => s.room.json("mail", "list", "--to", "orchestrator"),
      ({ messages }) => messages.some((one: { from: string }) => one.from === "bo"),
    );
    await s.is("idle");
  });

  test("a letter that comes while a subagent works reaches its own conversation, once", async () => {
    const s = stage();
    const task = { description: "sub", prompt: "RUN: sleep 2.5", subagent_type: "general" };
    await s.prompt(`CALL: task ${JSON.stringify(task)}`);
    await s.model.waitFor(({ prompt }) => prompt === "RUN: sleep 2.5", 20_000);
    const { door } = await s.seen(await s.send("letter-sub-7730"));
    expect(door).toBe("hook:PostToolUse");
    await s.is("idle");
    expect(s.reached("letter-sub-7730")).toBe(1);
    const sub = s.model.main().filter(({ prompt }) => prompt === "RUN: sleep 2.5");
    expect(sub.length).toBeGreaterThan(1);
    for (const { given } of sub) expect(given).not.toContain("letter-sub-7730");
  });

  test("a permission is answered on purpose by the label of an option, though they stand in a row", async () => {
    const s = stage();
    await s.prompt("RUN: touch made-by-answer");
    await s.is("waiting");
    await expect.poll(() => s.room.screen("bo"), SOON).toContain("Allow once");
    expect(await s.room.ov(["answer", "bo", "Reject"])).toMatchObject({ code: 0 });
    await s.is("idle");
    expect(existsSync(join(worktree(s, "bo"), "made-by-answer"))).toBe(false);
    await s.prompt("RUN: touch made-by-answer");
    await s.is("waiting");
    await expect.poll(() => s.room.screen("bo"), SOON).toContain("Allow once");
    expect(await s.room.ov(["answer", "bo", "Allow once"])).toMatchObject({ code: 0 });
    await s.is("idle");
    expect(existsSync(join(worktree(s, "bo"), "made-by-answer"))).toBe(true);
  });

  test("nothing of ours is in the worktree; the person's config counts and stays as it was", () => {
    const s = stage();
    expect(s.room.git("-C", worktree(s, "bo"), "status", "--porcelain", "--ignored")).toBe(
      "?? made-by-answer\n",
    );
    const config = join(s.room.base, "home", ".config", "opencode");
    const own = JSON.parse(readFileSync(join(config, "opencode.json"), "utf8"));
    // OpenCode itself adds the line of the schema.
    expect({ ...own, $schema: undefined }).toEqual(personConfig(s.model.url));
    expect(s.model.main()[0]!.given).toContain("Speak plainly.");
  });

  test("a scout has no tool to write and asks before a command, but ov needs no dialog", async () => {
    const s = stage();
    const text = "RUN: ov mail send --to orchestrator --subject Eye --body from-eye";
    const args = ["--name", "eye", "--capability", "scout", "--runtime", "opencode"];
    expect(await s.room.ov(["sling", "t-2", ...args, "--prompt", "hello eye"])).toMatchObject({
      code: 0,
    });
    const type = (...keys: string[]) => void s.room.tmux("send-keys", "-t", "=eye:", ...keys);
    const prompt = async (words: string) => {
      await expect.poll(() => s.room.state("eye"), START).toBe("idle");
      type("-l", words);
      await expect.poll(() => s.room.screen("eye"), SOON).toContain(words.slice(0, 30));
      type("Enter");
    };
    const result = async (words: string) =>
      (
        await s.model.waitFor(
          ({ prompt, toolResults }) => prompt === words && toolResults.length > 0,
          30_000,
        )
      ).toolResults[0];
    await prompt(text);
    expect(await result(text)).toContain("stored for orchestrator");
    const write = 'CALL: write {"filePath":"new.txt","content":"x"}';
    await prompt(write);
    expect(await result(write)).toContain("unavailable tool 'write'");
    await prompt("RUN: touch new.txt");
    await expect.poll(() => s.room.state("eye"), SOON).toBe("waiting");
    expect(existsSync(join(worktree(s, "eye"), "new.txt"))).toBe(false);
  }, 240_000);

  test("a stop and a closed pane end the program, its command and the bell's waiter", async () => {
    const s = stage();
    const left = (text: string) => processes(s.room.base, text);
    s.room.tmux("kill-pane", "-t", "=eye:");
    await expect.poll(() => left("/agents/eye/"), SOON).toEqual([]);
    await s.prompt("RUN: sleep 4713");
    await expect.poll(() => processes("sleep 4713"), SOON).not.toEqual([]);
    expect(left("/agents/bo/1/bell.sh")).toHaveLength(1);
    expect(await s.room.ov(["stop", "bo"])).toMatchObject({ code: 0 });
    await expect.poll(() => [...processes("sleep 4713"), ...left("/agents/bo/")], SOON).toEqual([]);
    for (const name of ["bo", "eye"]) {
      const pid = readFileSync(join(s.room.session(name), "pid"), "utf8").trim();
      await expect
        .poll(() => processes().filter((line) => line.startsWith(`${pid} `)), SOON)
        .toEqual([]);
    }
  }, 240_000);
});
