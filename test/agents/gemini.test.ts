import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentContract } from "./contract.ts";
import { geminiKit } from "./gemini-room.ts";

const SOON = { timeout: 90_000, interval: 100 };
const processes = (text: string) =>
  execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(text));

agentContract(geminiKit, (stage) => {
  const sling = async (name: string, role: string) => {
    const { room } = stage();
    const args = ["sling", `t-${name}`, "--name", name, "--capability", role];
    const done = await room.ov([...args, "--runtime", "gemini", "--prompt", `hello ${name}`]);
    expect(done).toMatchObject({ code: 0 });
    await stage().is("idle", name);
  };
  const prompt = async (name: string, text: string) => {
    const keys = (...words: string[]) =>
      void stage().room.tmux("send-keys", "-t", `=${name}:`, ...words);
    keys("-l", text);
    await expect.poll(() => stage().room.screen(name), SOON).toContain(text.slice(0, 30));
    await new Promise((done) => setTimeout(done, geminiKit.settleMs));
    keys("Enter");
  };
  /** How often a text came back from a tool in the conversation that holds it. */
  const result = (text: string) =>
    stage()
      .model.main()
      .some(({ toolResults }) => toolResults.some((all) => all.includes(text)));

  test("a letter that came with a failed turn is out of the conversation, and comes again at its end", async () => {
    const { room, model, reached, seen } = stage();
    const args = ["mail", "send", "--to", "bo", "--subject", "News", "--body", "letter-fail-6610"];
    const { id } = await room.json(...args);
    await stage().prompt("FAIL 400");
    const failed = await model.waitFor((request) => request.given.includes("letter-fail-6610"));
    expect(failed.prompt).toBe("FAIL 400");
    expect((await seen(id)).door).toBe("hook:Stop");
    await stage().is("idle");
    expect(reached("letter-fail-6610")).toBe(1);
    expect(reached("FAIL 400")).toBe(0);
  });

  test("a letter that was seen is given again when Esc took its turn back, and the person goes on", async () => {
    const { room, model, reached, seen, type } = stage();
    const args = ["mail", "send", "--to", "bo", "--subject", "News", "--body", "letter-esc-3381"];
    const { id } = await room.json(...args);
    // Answered, and then asked again with what a tool said: that call is broken off.
    await stage().prompt("REPORT 30: sleep 0.2");
    await model.waitFor(({ prompt: said, toolResults }) =>
      Boolean(said.startsWith("REPORT") && toolResults.length > 0),
    );
    await seen(id);
    type("Escape");
    await stage().is("idle");
    await stage().prompt("go on then");
    await expect.poll(() => reached("go on then"), SOON).toBe(1);
    await stage().is("idle");
    expect(reached("letter-esc-3381")).toBe(1);
    await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
  });

  test("the person's own hook and memory count beside ours, and their files stay as they were", async () => {
    const { room, model } = stage();
    const own = join(room.base, "home", ".gemini");
    expect(model.main()[0]!.given).toContain("Speak plainly.");
    expect(readFileSync(join(own, "heard"), "utf8")).toContain("BeforeAgent");
    expect(readFileSync(join(own, "settings.json"), "utf8")).not.toContain("overture");
    const tree = join(room.root, ".overture", "worktrees", "bo");
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: tree, encoding: "utf8" })).toBe(
      "",
    );
  });

  test("what ov runs needs no dialog, and reaches the project", async () => {
    const { room } = stage();
    await stage().prompt("RUN: ov mail send --to orchestrator --subject Hello --body from-bo-4471");
    const bodies = async () => {
      const { messages } = await room.json("mail", "list", "--to", "orchestrator");
      return messages.map((row: { body: string }) => row.body);
    };
    await expect.poll(bodies, SOON).toContain("from-bo-4471");
    await stage().is("idle");
  });

  test("a dialog is answered on purpose by the label of an option", async () => {
    const { room } = stage();
    await stage().prompt("RUN: touch made-by-answer");
    await stage().is("waiting");
    await expect.poll(() => room.screen("bo"), SOON).toContain("Allow once");
    expect(await room.ov(["answer", "bo", "No, suggest"])).toMatchObject({ code: 0 });
    await stage().is("idle");
    expect(existsSync(join(room.root, ".overture", "worktrees", "bo", "made-by-answer"))).toBe(
      false,
    );
  });

  test("a builder edits in its worktree unasked; a scout has no tool to write, and runs ov", async () => {
    const { room } = stage();
    const file = (name: string) => join(room.root, ".overture", "worktrees", name, "new.txt");
    const write = (name: string) =>
      prompt(name, `CALL: write_file {"file_path":"${file(name)}","content":"x"}`);
    await write("bo");
    await expect.poll(() => existsSync(file("bo")), SOON).toBe(true);
    await sling("eye", "scout");
    await write("eye");
    await expect.poll(() => result("write_file"), SOON).toBe(true);
    expect(existsSync(file("eye"))).toBe(false);
    await prompt("eye", "RUN: ov mail send --to orchestrator --subject Eye --body from-eye-9920");
    const sent = async () => (await room.json("mail", "list", "--to", "orchestrator")).messages;
    await expect
      .poll(sent, SOON)
      .toContainEqual(expect.objectContaining({ body: "from-eye-9920" }));
  }, 240_000);

  test("a stop and a closed pane end the program, its second process and its tools", async () => {
    const { room } = stage();
    await sling("end", "builder");
    await prompt("end", "RUN: sleep 4711");
    await expect.poll(() => processes("sleep 4711").length, SOON).toBeGreaterThan(0);
    expect(await room.ov(["stop", "end"])).toMatchObject({ code: 0 });
    await expect.poll(() => processes("sleep 4711"), SOON).toEqual([]);
    await expect.poll(() => processes("hello end"), SOON).toEqual([]);

    await prompt("eye", "RUN: sleep 4712");
    await expect.poll(() => processes("sleep 4712").length, SOON).toBeGreaterThan(0);
    room.tmux("kill-pane", "-t", "=eye:");
    await expect.poll(() => processes("sleep 4712"), SOON).toEqual([]);
    await expect.poll(() => processes("hello eye"), SOON).toEqual([]);
  }, 240_000);

  test("the trust dialog of a new folder holds the letter and is not answered", async () => {
    const { room } = stage();
    // The last test: nothing is trusted any more.
    writeFileSync(join(room.base, "home", ".gemini", "trustedFolders.json"), "{}");
    await room.ov(["sling", "t-new", "--name", "new", "--runtime", "gemini", "--prompt", "hello"]);
    await stage().is("waiting", "new");
    const letter = ["--to", "new", "--subject", "News", "--body", "b", "--wake"];
    const { id } = await room.json("mail", "send", ...letter);
    await expect.poll(async () => (await room.receipt(id, "new")).reason, SOON).toBe("dialog_open");
    expect(room.screen("new")).toMatch(/● 1\. Trust folder/);
    expect(await room.ov(["stop", "new"])).toMatchObject({ code: 0 });
  });
});
