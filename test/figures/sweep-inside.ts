import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeContext } from "../../src/cli/context.ts";
import { plainGlobals } from "../../src/cli/globals.ts";
import { survey } from "../../src/usecases/observe-agent.ts";
import type { TeamRoom } from "../team-room.ts";

/** Looks at the whole team again and again in this process; counts the calls of the real tmux. */
export async function sweep(
  room: TeamRoom,
  runs: number,
): Promise<{ times: number[]; calls: number }> {
  const tmux = execFileSync("sh", ["-c", "command -v tmux"], { encoding: "utf8" }).trim();
  const bin = join(room.base, "counting");
  mkdirSync(bin);
  writeFileSync(join(bin, "tmux"), `#!/bin/sh\necho >>"${bin}/calls"\nexec ${tmux} "$@"\n`);
  chmodSync(join(bin, "tmux"), 0o755);
  const path = process.env.PATH;
  Object.assign(process.env, { TMUX_TMPDIR: room.base, HOME: room.base });
  const context = makeContext(resolve("."), plainGlobals(), { cwd: room.root, env: room.env });
  const team = await context.team();
  const look = async () => {
    const seen = await survey(team, context.store.sessions.live());
    const wrong = seen.filter(({ state }) => state.state !== "idle");
    if (wrong.length > 0) throw new Error(`not idle: ${JSON.stringify(wrong.map((w) => w.state))}`);
  };
  await look();
  const times: number[] = [];
  for (let n = 0; n < runs; n++) {
    const start = performance.now();
    await look();
    times.push(performance.now() - start);
  }
  process.env.PATH = `${bin}:${path}`;
  await look();
  process.env.PATH = path;
  const calls = readFileSync(join(bin, "calls"), "utf8").split("\n").length - 1;
  await context.close();
  return { times, calls };
}
