import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { OV, pause, TeamRoom, until } from "../team-room.ts";
import { median } from "./numbers.ts";
import { megabytes, used } from "./process.ts";

const AGENTS = 30;
const BALLS = 4;
const THINK_S = 6;
/** The last quarter may need so much more than the second one, which comes after the warm-up. */
const GROWTH = 1.2;

interface Minute {
  megabytes: number;
  files: number;
  percent: number;
  sent: number;
}

/**
 * A carrier and thirty scripted agents that write each other for `minutes`: each passes on what it
 * was sent, to the next one in a ring. Printed every minute: memory, open files and processor time
 * of the carrier, and messages. Red where one of them grows, where a message was not seen exactly
 * once, or where a process is left. Linux only: it reads /proc.
 */
export async function figure(minutes: number): Promise<void> {
  const room = new TeamRoom();
  const { base } = room;
  const rules = join(room.base, "rules.yaml");
  writeFileSync(rules, RULES(room.base));
  room.configure(`runtimes:\n  scripted:\n    args: ["--script", "${rules}"]\n`);
  writeFileSync(join(room.base, "pass"), PASS, { mode: 0o755 });
  const wrong: string[] = [];
  try {
    for (let n = 0; n < AGENTS; n++) {
      await room.json("sling", "t", "--name", `a${n}`, "--prompt", "begin");
    }
    const pid = await carry(room);
    for (let ball = 0; ball < BALLS; ball++) {
      const to = `a${Math.floor((AGENTS / BALLS) * ball)}`;
      await room.json(
        "mail",
        "send",
        "--to",
        to,
        "--subject",
        `ball-${ball}-0`,
        "--body",
        "b",
        "--wake",
      );
    }
    const rows: Minute[] = [];
    console.log("minute  memory  open files  processor  messages");
    for (let minute = 1; minute <= minutes; minute++) {
      const before = used(pid);
      await pause(60_000);
      const now: Minute = {
        megabytes: await left(pid),
        files: readdirSync(`/proc/${pid}/fd`).length,
        percent: ((used(pid) - before) / 60) * 100,
        sent: count(room, "SELECT count(*) FROM messages WHERE subject LIKE 'ball-%'"),
      };
      rows.push(now);
      console.log(
        `${String(minute).padStart(6)}  ${now.megabytes.toFixed(0).padStart(3)} MB  ${String(now.files).padStart(10)}  ${now.percent.toFixed(1).padStart(7)} %  ${now.sent}`,
      );
    }
    wrong.push(...growth(rows));
    // The balls stop: nobody passes on any more.
    writeFileSync(join(room.base, "stop"), "");
    const open = "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'leased', 'offered')";
    await until(
      "every message seen",
      () => count(room, open),
      (left) => left === 0,
      300_000,
    );
    wrong.push(...notOnce(room));
    await room.ov(["down"]);
    await room.ov(["stop", "--all"]);
  } finally {
    await room.close();
  }
  const all = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" }).split("\n");
  wrong.push(...all.filter((line) => line.includes(base)).map((line) => `left: ${line}`));
  console.log(wrong.length === 0 ? "flat, every message once, nothing left" : wrong.join("\n"));
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

const RULES = (base: string) => `rules:
  - when: { subject: "^ball-" }
    do:
      - think: ${THINK_S}
      - run: ${join(base, "pass")} {{agent}} {{subject}}
`;

/** Passes a ball on: from a7, ball-2-41 goes to a8 as ball-2-42. */
const PASS = `#!/bin/sh
[ ! -e "\${0%/*}/stop" ] || exit 0
next=a$(((\${1#a} + 1) % ${AGENTS}))
exec ov mail send --to "$next" --subject "\${2%-*}-$((\${2##*-} + 1))" --body b --wake
`;

/**
 * The carrier that `ov up` runs, and in no tmux window: it collects what is not used when it is asked
 * to (SIGUSR2), so that what is left can be counted.
 */
async function carry(room: TeamRoom): Promise<number> {
  const script = join(room.base, "collect.cjs");
  writeFileSync(script, 'process.on("SIGUSR2", () => { for (let n = 0; n < 3; n++) gc(); });\n');
  const NODE_OPTIONS = `--expose-gc --require ${script}`;
  spawn(OV, ["watch"], { cwd: room.root, env: { ...room.env, NODE_OPTIONS }, stdio: "ignore" });
  const isThere = (pid: number | undefined) => pid !== undefined;
  const pid = (await until("the carrier", () => room.dispatcher()?.pid, isThere))!;
  if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(script)) {
    throw new Error("the carrier has not got NODE_OPTIONS");
  }
  return pid;
}

async function left(pid: number): Promise<number> {
  process.kill(pid, "SIGUSR2");
  await pause(2_000);
  return megabytes(pid);
}

function growth(rows: readonly Minute[]): string[] {
  if (rows.length < 4) return ["too short to tell: at least 4 minutes"];
  const [quarter, half] = [Math.floor(rows.length / 4), Math.floor(rows.length / 2)];
  const [early, late] = [rows.slice(quarter, half), rows.slice(half)];
  const least = (values: number[]) => Math.min(...values);
  const of = { megabytes: least, files: median, percent: median };
  return (Object.keys(of) as (keyof typeof of)[]).flatMap((key) => {
    const [was, is] = [early, late].map((some) => of[key](some.map((row) => row[key])));
    return is! > was! * GROWTH + 1 ? [`${key} grew from ${was} to ${is}`] : [];
  });
}

/** Each ball's subject is there once; its recipient's model must have been given it once. */
function notOnce(room: TeamRoom): string[] {
  const db = new Database(join(room.root, ".overture", "overture.db"), { readonly: true });
  const sql =
    "SELECT m.subject, d.recipient FROM messages m JOIN deliveries d ON d.seq = m.seq WHERE m.subject LIKE 'ball-%'";
  const all = db.prepare<[], { subject: string; recipient: string }>(sql).all();
  db.close();
  const given = new Map(
    [...new Set(all.map(({ recipient }) => recipient))].map((agent) => [
      agent,
      room
        .requests(agent)
        .flatMap((request) => request.new.map(({ text }) => text))
        .join("\n")
        .split("\n"),
    ]),
  );
  console.log(`${all.length} messages`);
  if (all.length < BALLS * 2) return ["the balls were not passed on"];
  return all.flatMap(({ subject, recipient }) => {
    const times = given.get(recipient)!.filter((line) => line === `Subject: ${subject}`).length;
    return times === 1 ? [] : [`${subject} reached ${recipient} ${times} times`];
  });
}

function count(room: TeamRoom, sql: string): number {
  const db = new Database(join(room.root, ".overture", "overture.db"), { readonly: true });
  try {
    return db.prepare(sql).pluck().get() as number;
  } finally {
    db.close();
  }
}
