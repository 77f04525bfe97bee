import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { claudeKit } from "../agents/claude-room.ts";
import { type Stage, setTheStage } from "../agents/stage.ts";
import { OV, until } from "../team-room.ts";
import { median, spread } from "./numbers.ts";

const COMMANDS = ["-u", "-L", "ov"];

/**
 * How long an idle Claude Code takes from the exit of `ov mail send` to the model's request that
 * holds the letter, against the same text pasted and submitted by tmux commands that know that
 * nothing is in their way; turn and turn about in one session.
 */
export async function figure(runs: number): Promise<void> {
  const stage = await setTheStage(claudeKit);
  try {
    const sent: number[] = [];
    const pasted: number[] = [];
    for (let n = 0; n < runs; n++) {
      sent.push(await bySend(stage, `letter-sent-${n}-end`));
      pasted.push(await byHand(stage, `letter-hand-${n}-end`));
    }
    console.log(`ov mail send to request    ${spread(sent)}`);
    console.log(`tmux by hand to request    ${spread(pasted)}`);
    console.log(`ratio of the medians       ${(median(sent) / median(pasted)).toFixed(2)}`);
    console.log(`busy at a tool boundary    ${await busy(stage, runs)} of ${runs}`);
  } finally {
    await stage.strike();
  }
}

async function bySend(stage: Stage, mark: string): Promise<number> {
  await settled(stage);
  const args = ["mail", "send", "--to", "bo", "--subject", "s", "--body", mark, "--wake", "--json"];
  const { status, stderr, stdout } = spawnSync(OV, args, {
    cwd: stage.room.root,
    env: stage.room.env,
  });
  const exit = Date.now();
  if (status !== 0) throw new Error(String(stderr));
  const at = await arrival(stage, mark);
  await stage.seen(JSON.parse(String(stdout)).id);
  return at - exit;
}

/** The words that the hook would have injected, so that the model reads the same. */
async function byHand(stage: Stage, mark: string): Promise<number> {
  await settled(stage);
  const text = `You have 1 new message: --- From: orchestrator (status) --- Subject: s ${mark}`;
  const chain = ["load-buffer", "-b", "hand", "-", ";", "paste-buffer", "-p", "-d", "-b", "hand"];
  const keys = ["-t", "=bo:", ";", "send-keys", "-t", "=bo:", "Enter"];
  const { status, stderr } = spawnSync("tmux", [...COMMANDS, ...chain, ...keys], {
    env: stage.room.env,
    input: text,
  });
  const exit = Date.now();
  if (status !== 0) throw new Error(String(stderr));
  return (await arrival(stage, mark)) - exit;
}

async function arrival({ model }: Stage, mark: string): Promise<number> {
  const request = await model.waitFor((one) => one.kind === "main" && one.given.includes(mark));
  return request.at;
}

/** Idle, every letter proved, and no process of ours in the way. */
async function settled(stage: Stage): Promise<void> {
  await stage.is("idle");
  await until(
    "the dispatcher gone",
    () => stage.room.dispatcher(),
    (one) => one === undefined,
  );
}

/**
 * Letters to an agent in a tool call: how many are in the very request that follows the tool, which
 * ends when the letter is stored, however slow the machine.
 */
async function busy(stage: Stage, runs: number): Promise<number> {
  let good = 0;
  for (let n = 0; n < runs; n++) {
    await settled(stage);
    const before = stage.model.main().length;
    const stored = join(stage.room.base, `stored-${n}`);
    await stage.prompt(`RUN: until [ -e '${stored}' ]; do sleep 0.1; done`);
    await until(
      "the tool's call",
      () => stage.model.main().length,
      (now) => now > before,
    );
    await stage.is("busy");
    const mark = `letter-busy-${n}-end`;
    await stage.send(mark);
    writeFileSync(stored, "");
    const next = await stage.model.waitFor(
      (one) => one.n > 0 && stage.model.main()[before + 1] === one,
    );
    if (next.given.includes(mark)) good++;
  }
  return good;
}
