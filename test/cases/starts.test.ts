import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";
import { killOne, startMs } from "./start-kills.ts";

/** `scripts/figures starts --runs 200` plays more. */
const KILLS = 8;
const SOON = { timeout: 90_000, interval: 80 };
let room: TeamRoom;

beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const sling = (...more: string[]) => room.ov(["sling", "t-1", "--name", "bo", ...more]);

/** A PATH with all that a start needs but tmux. */
function withoutTmux(): string {
  const folder = join(room.base, "programs");
  mkdirSync(folder);
  for (const name of ["git", "node", "ps", "env", "dirname", "readlink"]) {
    symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(folder, name));
  }
  return folder;
}

/** What a start makes, as far as it can be seen from outside. */
async function left() {
  const { agents } = await room.json("status", "--all");
  return {
    agents: agents.map((one: { name: string }) => one.name).filter((name: string) => name === "bo"),
    branches: room.git("branch", "--list", "ov/*").trim(),
    worktrees: room.git("worktree", "list").trim().split("\n").length - 1,
    folder: existsSync(join(room.root, ".overture", "worktrees", "bo")),
    files: existsSync(room.session("bo")),
  };
}
const NOTHING = { agents: [], branches: "", worktrees: 0, folder: false, files: false };

describe("a program that is not there", () => {
  test("is refused before anything is made, with the line that installs it", async () => {
    const { code, stdout, stderr } = await sling("--runtime", "gemini", "--prompt", "x");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("gemini cannot be started: gemini is not on PATH");
    expect(stderr).toContain("npm install -g @google/gemini-cli");
    expect(await left()).toEqual(NOTHING);
  });

  test("is refused where the settings name a file that cannot be run", async () => {
    const command = join(room.base, "gemini");
    writeFileSync(command, "#!/bin/sh\n");
    room.configure(`runtimes:\n  gemini:\n    command: ${command}\n`);
    const { code, stderr } = await sling("--runtime", "gemini", "--prompt", "x");
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${command} is no program`)]);
    expect(await left()).toEqual(NOTHING);
  });

  test("is refused before anything is made where it is tmux", async () => {
    await room.json("sling", "t-0", "--name", "al", "--prompt", "x");
    await room.json("stop", "al");
    const env = { PATH: withoutTmux() };
    for (const args of [
      ["sling", "t-1", "--name", "bo", "--prompt", "x"],
      ["resume", "al"],
    ]) {
      const { code, stdout, stderr } = await room.ov(args, { env });
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toBe(
        "ov: tmux is not installed\n    install tmux, or put its folder on PATH\n",
      );
    }
    expect(await left()).toMatchObject({ agents: [], branches: "+ ov/al/t-0", files: false });
    expect(existsSync(room.session("al", 2))).toBe(false);
  });

  test("is refused by resume, and the session stays as it was", async () => {
    const program = join(room.base, "helper");
    writeFileSync(program, '#!/bin/sh\nprintf "> "\nexec cat\n');
    chmodSync(program, 0o755);
    room.configure(
      `runtimes:\n  helper:\n    type: generic\n    command: ${program}\n    prompt: ^> (.*)$\n    commands: [cat, helper]\n`,
    );
    await sling("--runtime", "helper", "--prompt", "x");
    await room.ov(["stop", "bo"]);
    chmodSync(program, 0o644);
    const { code, stderr } = await room.ov(["resume", "bo"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is no program")]);
    expect(existsSync(room.session("bo", 2))).toBe(false);
    chmodSync(program, 0o755);
    expect((await room.ov(["resume", "bo"])).stderr).toBe("");
  });
});

test("a task of 156 KB is read whole by the agent that it is given to", async () => {
  const spec = join(room.root, ".overture", "specs", "t-1.md");
  const lines = Array.from({ length: 6000 }, (_, n) => `line ${n} of the specification`);
  writeFileSync(spec, [...lines, "THE VERY END"].join("\n"));
  expect((await sling()).code).toBe(0);
  await expect.poll(() => room.state("bo"), SOON).toBe("idle");
  expect(room.reached("bo", "line 0 of the specification")).toBe(1);
  expect(room.reached("bo", "THE VERY END")).toBe(1);
  const [file] = [join(room.session("bo"), "task", "prompt.md")];
  expect(readFileSync(file, "utf8")).toContain("line 5999 of the specification");
});

test("a role prompt that is longer than an argument may be is refused, and nothing is left", async () => {
  mkdirSync(join(room.root, ".overture", "roles"), { recursive: true });
  writeFileSync(join(room.root, ".overture", "roles", "tester.md"), "word ".repeat(30_000));
  const { code, stderr } = await sling("--capability", "tester", "--prompt", "x");
  expect([code, stderr]).toEqual([1, expect.stringContaining("the system takes 131071")]);
  expect(await left()).toEqual(NOTHING);
});

describe("a worktree that git cannot make", () => {
  const breakFilter = () => {
    writeFileSync(join(room.root, ".gitattributes"), "*.txt filter=vault\n");
    writeFileSync(join(room.root, "a.txt"), "text\n");
    room.git("add", "-A");
    room.git("commit", "-qm", "a filtered file");
    room.git("config", "filter.vault.smudge", "no-such-program");
    room.git("config", "filter.vault.required", "true");
  };

  test("leaves neither a folder nor a branch, and says what git said", async () => {
    breakFilter();
    const { code, stderr } = await sling("--prompt", "x");
    expect(code).toBe(1);
    expect(stderr).toContain("smudge filter vault failed");
    expect(await left()).toEqual(NOTHING);
  });

  test("after a repair, a start with another base begins there", async () => {
    room.git("branch", "release");
    breakFilter();
    await sling("--prompt", "x");
    room.git("config", "--unset", "filter.vault.required");
    const answer = await room.json(
      ...["sling", "t-1", "--name", "bo", "--base-branch", "release", "--prompt", "x"],
    );
    expect(room.git("rev-parse", answer.branch)).toBe(room.git("rev-parse", "release"));
  });
});

test("a branch from before is named, and taken only with --recover", async () => {
  room.git("branch", "release");
  room.git("branch", "ov/bo/t-1");
  const { code, stderr } = await sling("--base-branch", "release", "--prompt", "x");
  expect(code).toBe(1);
  expect(stderr).toContain("the branch ov/bo/t-1 exists from before");
  expect(stderr).toContain("ov sling t-1 --name bo --recover");
  expect((await left()).worktrees).toBe(0);
  expect((await sling("--recover", "--prompt", "x")).code).toBe(0);
});

describe("a role that nobody knows", () => {
  test("is refused with those that exist and the file to make", async () => {
    const { code, stderr } = await sling("--capability", "bilder", "--prompt", "x");
    expect(code).toBe(3);
    expect(stderr).toContain('unknown capability "bilder"');
    expect(stderr).toContain('did you mean "builder"?');
    expect(stderr).toContain(".overture/roles/bilder.md");
    expect(await left()).toEqual(NOTHING);
  });

  test.each(["supervisor", "orchestrator", "monitor"])("%s has a prompt", async (role) => {
    expect((await sling("--capability", role, "--prompt", "x")).code).toBe(0);
    await expect.poll(() => room.state("bo"), SOON).toBe("idle");
    const [first] = room.requests("bo");
    expect(first?.system).toMatch(/You lead one part|split the goal|watch the team/);
  });

  test("a file of the project or a line of its settings makes one", async () => {
    room.configure("roles:\n  tester: {}\n");
    mkdirSync(join(room.root, ".overture", "roles"), { recursive: true });
    writeFileSync(join(room.root, ".overture", "roles", "writer.md"), "You write.");
    expect((await sling("--capability", "tester", "--prompt", "x")).code).toBe(0);
    const other = ["sling", "t-2", "--name", "ev", "--capability", "writer", "--prompt", "x"];
    expect((await room.ov(other)).code).toBe(0);
  });

  test("an agent that has it already goes on", async () => {
    room.configure("roles:\n  tester: {}\n");
    await sling("--capability", "tester", "--prompt", "x");
    await room.ov(["stop", "bo"]);
    room.configure("");
    expect((await sling("--capability", "tester", "--recover", "--prompt", "x")).code).toBe(0);
  });
});

/** A program that the settings describe: `body` is a shell script, `> ` its prompt. */
function helper(body: string, more = ""): void {
  const program = join(room.base, "helper");
  writeFileSync(program, `#!/bin/sh\n${body}\n`);
  chmodSync(program, 0o755);
  room.configure(
    `runtimes:\n  helper:\n    type: generic\n    command: ${program}\n    args: ["{{prompt}}"]\n    prompt: ^> (.*)$\n    commands: [cat, helper]\n${more}`,
  );
}
const READY = 'printf "> "; exec cat';
const slingHelper = () => sling("--runtime", "helper", "--prompt", "x", "--json");

describe("a start is told when it is known", () => {
  test("sling returns once the program has taken its first prompt", async () => {
    const answer = await room.json("sling", "t-1", "--name", "bo", "--prompt", "hello");
    expect(answer).toMatchObject({ ready: true, dialog: null });
    const mark = readFileSync(join(room.root, ".overture", "hooks", "bo"), "utf8");
    expect(mark).not.toContain("SessionStart");
  });

  test("one that works and asks, or has ended its task, was started", async () => {
    expect((await sling("--prompt", "ASK: true")).code).toBe(0);
    const other = ["sling", "t-2", "--name", "ev", "--prompt", "EXIT 3"];
    expect((await room.ov(other)).code).toBe(0);
  });

  test("a dialog is named, with the command, and nothing is taken back", async () => {
    helper('echo "Trust this folder? [y/n]"; exec cat', '    dialog: "Trust.*y/n."\n');
    const { code, stdout } = await slingHelper();
    expect(code).toBe(4);
    const { dialog, error } = JSON.parse(stdout);
    expect(error.message).toBe("bo waits at a dialog: Trust this folder? [y/n]");
    expect(dialog).toEqual({
      ...{ subject: "Trust this folder? [y/n]", options: [] },
      answer: "ov attach bo",
    });
    expect(await room.state("bo")).toBe("waiting");
  });

  test("one that shows nothing for ten seconds is started and not ready", async () => {
    helper("exec cat");
    const { code, stdout } = await slingHelper();
    expect(code).toBe(5);
    expect(JSON.parse(stdout).error.message).toContain("bo was started and is not ready");
    expect((await left()).worktrees).toBe(1);
  });

  test("several are waited for side by side", async () => {
    helper(`date +%s >>${room.base}/begun; sleep 4; ${READY}`);
    const names = ["a1", "a2", "a3", "a4"];
    const start = (name: string) =>
      room.ov(["sling", "t-1", "--name", name, "--runtime", "helper", "--prompt", "x"]);
    await Promise.all(names.map(start));
    room.tmux("kill-server");
    const { agents } = await room.json("resume", "--all");
    expect(agents.map(({ ready }: { ready: boolean }) => ready)).toEqual(names.map(() => true));
    const begun = readFileSync(join(room.base, "begun"), "utf8").split("\n").filter(Boolean);
    expect(begun).toHaveLength(8);
    // One after the other they would begin 4 s apart.
    const last = begun.slice(-4).map(Number);
    expect(Math.max(...last) - Math.min(...last)).toBeLessThan(8);
  });
});

describe("a start that fails takes back what it made", () => {
  test("a program that ends at once: its last lines, and nothing is left", async () => {
    helper('echo "cannot find my config"; exit 7');
    const { code, stdout } = await slingHelper();
    expect(code).toBe(1);
    const { error, lines } = JSON.parse(stdout);
    expect(error.message).toContain("bo did not start: its program ended with 7");
    expect(lines).toEqual(["cannot find my config"]);
    expect(await left()).toEqual(NOTHING);
    expect((await room.json("mail", "list", "--to", "bo")).messages).toEqual([]);
    expect((await sling("--prompt", "x")).code).toBe(0);
  });

  test("a script whose interpreter is missing is told with the shell's words", async () => {
    helper(READY);
    writeFileSync(join(room.base, "helper"), "#!/no/such/interpreter\n");
    const { code, stdout } = await slingHelper();
    expect([code, stdout]).toEqual([1, expect.stringContaining("not found")]);
    expect(await left()).toEqual(NOTHING);
  });

  test("work in the worktree is kept, and named", async () => {
    helper("echo work >new.txt; exit 7");
    const { code, stdout } = await slingHelper();
    expect([code, JSON.parse(stdout).kept]).toEqual([
      1,
      [expect.stringContaining("has changes: new.txt")],
    ]);
    expect((await left()).branches).toContain("ov/bo/t-1");
    helper(READY);
    const again = await sling("--runtime", "helper", "--recover", "--prompt", "x");
    expect(again).toMatchObject({ code: 0 });
  });

  test("a name that only ever sent mail is that again", async () => {
    await room.ov([
      "mail",
      "send",
      "--from",
      "bo",
      "--to",
      "orchestrator",
      "--subject",
      "s",
      "--body",
      "b",
    ]);
    const before = await room.json("agents", "list");
    helper("exit 7");
    await slingHelper();
    expect(await room.json("agents", "list")).toEqual(before);
  });

  test("a resumed program that ends at once leaves the session as it was", async () => {
    helper(READY);
    await slingHelper();
    await room.ov(["stop", "bo"]);
    const before = (await room.json("inspect", "bo")).sessions;
    helper("echo broken; exit 7");
    const { code, stdout } = await room.ov(["resume", "bo"]);
    expect([code, stdout]).toEqual([1, expect.stringContaining("broken")]);
    expect((await room.json("inspect", "bo")).sessions).toEqual(before);
    expect(existsSync(room.session("bo", 2))).toBe(false);
    helper(READY);
    expect((await room.ov(["resume", "bo"])).code).toBe(0);
  });
});

test("a start that was killed is named by doctor, and any start takes it back", async () => {
  writeFileSync(join(room.root, ".gitattributes"), "*.md filter=slow\n");
  room.git("add", "-A");
  room.git("commit", "-qm", "a filter");
  room.git("config", "filter.slow.smudge", "sleep 3; cat");
  const child = room.start(["sling", "t-1", "--name", "bo", "--prompt", "x"]);
  const ended = new Promise((done) => child.once("exit", done));
  await expect.poll(() => existsSync(join(room.root, ".git/worktrees/bo")), SOON).toBe(true);
  child.kill("SIGKILL");
  await ended;
  const { stdout } = await room.ov(["doctor", "--category", "orphans", "--json"]);
  expect(stdout).toContain("a start of bo was killed before its program ran");
  room.git("config", "--unset", "filter.slow.smudge");
  const other = ["sling", "t-2", "--name", "ev", "--prompt", "x"];
  const { code, stderr } = await room.ov(other);
  expect([code, stderr]).toEqual([0, expect.stringContaining("a start of bo was killed")]);
  expect(await left()).toEqual({ ...NOTHING, branches: "+ ov/ev/t-2", worktrees: 1 });
});

test("a start that is killed at a random moment leaves nothing, or what is left is named", async () => {
  const ms = await startMs(room);
  for (let n = 0; n < KILLS; n++) {
    const kill = { name: `k${n}x`, afterMs: Math.random() * ms, whole: n % 2 === 1 };
    const { wrong } = await killOne(room, kill);
    expect([kill, wrong]).toEqual([kill, []]);
  }
});
