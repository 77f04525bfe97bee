import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeProject, median, ms, OV, rows, run, tmux } from "./room.mjs";

/** From the command to the first request that a model would get, and the same agent by hand. */
export async function sling() {
  const cwd = makeProject("sling");
  const byHand = [];
  const bySling = [];
  for (let n = 0; n < 15; n++) {
    let start = Date.now();
    const words = ["--name", `a${n}`, "--runtime", "scripted", "--prompt", "RUN: true"];
    run(OV, ["sling", `t-${n}`, ...words], { cwd });
    const dir = join(cwd, ".overture", "agents", `a${n}`, "1");
    bySling.push((await firstRequest(join(dir, "home"))) - start);

    start = Date.now();
    const home = join(dir, "by-hand");
    tmux(
      ...["new-session", "-d", "-s", `hand-${n}`, "-c", cwd, "-e", `OV_AGENT=a${n}`],
      ...[process.execPath, resolve("dist/agent.mjs"), "--home", home],
      ...["--settings", join(dir, "settings.json"), "RUN: true"],
    );
    byHand.push((await firstRequest(home)) - start);
    tmux("kill-session", "-t", `hand-${n}`);
    run(OV, ["stop", `a${n}`], { cwd });
  }
  const more = (median(bySling) - median(byHand)) / 1000;
  const verdict = `≤ +1 s, ${more <= 1 ? "ok" : "over"}`;
  const cells = [ms(median(bySling)), `by hand: ${ms(median(byHand))}`, `+${more.toFixed(2)} s`];
  rows.push(["sling to first request", ...cells, verdict]);
}

async function firstRequest(home) {
  const file = join(home, "requests.jsonl");
  const deadline = Date.now() + 20_000;
  while (!(existsSync(file) && readFileSync(file, "utf8").includes("\n"))) {
    if (Date.now() > deadline) throw new Error(`no request in ${file}`);
    await new Promise((done) => setTimeout(done, 5));
  }
  return JSON.parse(readFileSync(file, "utf8").split("\n")[0]).at;
}
