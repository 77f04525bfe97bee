import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import Database from "better-sqlite3";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { random } from "../chaos/schedule.ts";
import { TeamRoom } from "../team-room.ts";
import { Disk, LOSSES } from "./disk.ts";
import { type Answers, hear, placesOf, storm } from "./storm.ts";
import { readTrace } from "./trace.ts";

export interface Verdict {
  /** Moments at which the power was cut, each with every loss. */
  cuts: number;
  sent: number;
  read: number;
  /** Of the store's files. */
  syncs: number;
  /** One line for each broken promise. */
  broken: string[];
}

/** Lets teams write and read, then cuts the power at so many moments of what the disk saw. */
export async function cutPower(
  cuts: number,
  { rounds, seed, isSynced = true }: { rounds: number; seed: number; isSynced?: boolean },
): Promise<Verdict> {
  const room = new TeamRoom();
  try {
    for (let n = 0; n < 8; n++) await room.json("agents", "add", `r${n}`);
    const { files, answers: path } = placesOf(room);
    const disk = new Disk(files);
    const steps = readTrace(await storm(room, rounds, isSynced));
    const roll = random(seed);
    const first = steps.findIndex((step) => files.includes(step.path));
    const moments = new Set<number>();
    const possible = steps.length - first;
    while (moments.size < Math.min(cuts, possible)) {
      moments.add(first + Math.floor(roll() * possible));
    }
    const answers: Answers = { stored: [], read: [] };
    const verdict: Verdict = { cuts: 0, sent: 0, read: 0, syncs: 0, broken: [] };
    for (const [index, step] of steps.entries()) {
      disk.take(step);
      if (step.kind === "sync" && files.includes(step.path)) verdict.syncs++;
      if (step.kind === "write" && step.path === path) hear(answers, step.bytes);
      if (!moments.has(index)) continue;
      verdict.cuts++;
      for (const loss of LOSSES) {
        const found = examine(room, disk.after(loss, roll), answers);
        verdict.broken.push(...found.map((what) => `after step ${index}, ${loss}: ${what}`));
      }
    }
    verdict.sent = answers.stored.length;
    verdict.read = answers.read.length;
    verdict.broken.push(...twice(answers));
    return verdict;
  } finally {
    await room.close();
  }
}

function twice({ read }: Answers): string[] {
  const all = read.map(({ recipient, id }) => `${id} to ${recipient}`);
  return all.filter((one, i) => all.indexOf(one) < i).map((one) => `given twice: ${one}`);
}

type Files = ReturnType<Disk["after"]>;

/** Starts the store from what the disk has, and looks for what had been answered. */
function examine(room: TeamRoom, files: Files, { stored, read }: Answers): string[] {
  const folder = join(room.base, "after");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [path, bytes] of files) {
    if (bytes) writeFileSync(join(folder, basename(path)), bytes);
  }
  const path = join(folder, "overture.db");
  try {
    const db = new Database(path);
    const state = db.pragma("integrity_check", { simple: true });
    db.close();
    if (state !== "ok") return [`integrity: ${state}`];
    const store = openStore(path);
    try {
      const lost = stored.filter((id) => !store.mail.get(id)).map((id) => `lost: ${id}`);
      const again = read.filter(({ recipient, id }) => {
        const one = store.mail.get(id)?.deliveries.find((d) => d.recipient === recipient);
        return one?.state !== "seen";
      });
      return [...lost, ...again.map(({ recipient, id }) => `not seen: ${id} by ${recipient}`)];
    } finally {
      store.close();
    }
  } catch (error) {
    return [`cannot be opened: ${(error as Error).message}`];
  }
}
