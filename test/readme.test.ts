import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OV, TeamRoom } from "./team-room.ts";

interface Step {
  command: string;
  output: string;
}

/** The blocks of the page that begin with `$ ov`, as commands with what they print. */
function transcript(page: string): Step[] {
  const blocks = [...page.matchAll(/^```console\n(?=\$ ov )([\s\S]*?)^```/gm)];
  return blocks.flatMap(([, text]) => {
    const steps = text!.replace(/\\\n\s*/g, "").split(/^\$ /m);
    return steps.slice(1).map((step) => {
      const [command = "", ...output] = step.split("\n");
      return { command, output: output.join("\n").trimEnd() };
    });
  });
}

/** What differs from run to run. Which of two proofs comes first is a race that both may win. */
function normal(text: string): string {
  return text
    .replace(/msg-[0-9a-z]{16}/g, "msg-#")
    .replace(/\S*\/\.overture/g, "<project>/.overture")
    .replace(/\b[0-9a-f]{10}\b/g, "<commit>")
    .replace(/process \d+/g, "process #")
    .replace(/\b\d+[sm]\b/g, "<age>")
    .replace(/seen \((transcript|hook:Stop)\)/g, "seen (<proof>)")
    .replace(/ +/g, " ")
    .trimEnd();
}

const steps = transcript(readFileSync("README.md", "utf8"));
const room = new TeamRoom({ folder: "shop" });
beforeAll(() => {
  // The reader begins without a project.
  rmSync(join(room.root, ".overture"), { recursive: true });
});
afterAll(() => room.close());

function run(command: string): Promise<string> {
  const env = { ...room.env, PATH: `${dirname(OV)}:${room.env.PATH}` };
  return new Promise((done) => {
    execFile("sh", ["-c", command], { cwd: room.root, env }, (_, stdout, stderr) => {
      done(`${stdout}${stderr}`.trimEnd());
    });
  });
}

/** A person types slower than an agent works. */
async function settled(): Promise<void> {
  const states = async () => {
    const { agents } = await room.json("status");
    return agents
      .filter((agent: { kind: string; state: string }) => agent.kind === "local")
      .map(({ state }: { state: string }) => state)
      .filter((state: string) => state !== "idle" && state !== "stopped");
  };
  await expect.poll(states, { timeout: 90_000 }).toEqual([]);
}

test("the README has a transcript from init to merge", () => {
  const verbs = steps.map(({ command }) => command.split(" ")[1]);
  expect(verbs).toEqual(expect.arrayContaining(["init", "sling", "mail", "status", "merge"]));
});

test.each(steps)("$command prints what the README shows", async ({ command, output }) => {
  if (!command.startsWith("ov init")) await settled();
  expect(normal(await run(command))).toBe(normal(output));
});
