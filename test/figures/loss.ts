import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { isAlive } from "../../src/adapters/alive.ts";
import { random as seeded } from "../chaos/schedule.ts";
import { TeamRoom, until } from "../team-room.ts";

const AGENTS = 12;
const ENDS = ["", "-wal", "-shm"];

/**
 * Twelve agents run, each with work in no commit, and a carrier. The store is backed up, used on,
 * and lost at a random moment; then `ov doctor`, `ov doctor --fix`, `ov up`. Red where a file of a
 * worktree or an agent's program is gone, a message from before the backup is not there or comes
 * twice, doctor does not say from when on is lost, or an agent cannot be reached again.
 */
export async function figure(runs: number, _runtime: string, seed: number): Promise<void> {
  const random = seeded(seed);
  const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const room = new TeamRoom();
  const store = join(room.root, ".overture", "overture.db");
  const aside = join(room.base, "aside.db");
  const agents = Array.from({ length: AGENTS }, (_, n) => `a${n}`);
  const work = (agent: string) => join(room.root, ".overture", "worktrees", agent, "work");
  const move = (path: string) => {
    for (const end of ENDS) if (existsSync(store + end)) renameSync(store + end, path + end);
  };
  const losses: Record<string, () => void> = {
    deleted: () => {
      for (const end of ENDS) rmSync(store + end, { force: true });
    },
    moved: () => move(aside),
    cut: () => truncateSync(store, 4096 * (1 + Math.floor(random() * 8))),
    emptied: () => {
      move(aside);
      writeFileSync(store, "");
    },
    replaced: () => {
      move(aside);
      writeFileSync(store, "no database, but text\n".repeat(500));
    },
    swapped: () => {
      move(aside);
      copyFileSync(join(room.base, "first.db"), store);
    },
  };
  const wrong: string[] = [];
  const counts = new Map<string, number>();
  try {
    for (const name of agents) await room.json("sling", "t", "--name", name, "--prompt", "begin");
    for (const name of agents) await room.becomes(name, "idle");
    for (const name of agents) writeFileSync(work(name), name);
    const first = await room.json("doctor", "--backup");
    renameSync(first.backup.path, join(room.base, "first.db"));
    const pids = new Map(
      agents.map((name) => [name, Number(readFileSync(join(room.session(name), "pid"), "utf8"))]),
    );
    const send = async (subject: string): Promise<{ to: string; subject: string }> => {
      const to = one(agents);
      const words = ["mail", "send", "--to", to, "--subject", subject, "--body", "b"];
      await room.json(...words, ...(random() < 0.5 ? ["--wake"] : []));
      return { to, subject };
    };
    for (let run = 0; run < runs; run++) {
      const how = one(Object.keys(losses));
      const bad = (what: string) => {
        wrong.push(what);
        console.error(`run ${run} (seed ${seed}), ${how}: ${what}`);
      };
      counts.set(how, (counts.get(how) ?? 0) + 1);
      await room.json("up");
      const safe = [];
      for (let n = 0; n < 4; n++) safe.push(await send(`safe-${run}-${n}`));
      await room.json("doctor", "--backup");
      for (let n = 0; n < 3; n++) await send(`late-${run}-${n}`);
      await new Promise((done) => setTimeout(done, random() * 1_000));
      losses[how]!();
      await room.ov(["status"]);
      const before = await room.ov(["doctor", "--json"]);
      const found = JSON.parse(before.stdout).findings.find(
        ({ id }: { id: string }) => id === "store-file",
      );
      if (!/backup of \d{4}-/.test(found?.what ?? "")) bad(`doctor says: ${before.stdout}`);
      const fixed = await room.ov(["doctor", "--fix", "--json"]);
      if (!/put back the backup of/.test(fixed.stdout)) bad(`--fix says: ${fixed.stdout}`);
      await until(
        "the carrier has ended",
        async () => (await room.json("status")).carrier,
        (carrier) => carrier === null,
      );
      await room.json("up");
      for (const name of agents) {
        if (!existsSync(work(name))) bad(`the work of ${name} is gone`);
        if (!isAlive(pids.get(name)!)) bad(`the program of ${name} is gone`);
      }
      const { messages } = await room.json("mail", "list", "--limit", "1000");
      const there = new Set(messages.map(({ subject }: { subject: string }) => subject));
      for (const { subject } of safe) if (!there.has(subject)) bad(`${subject} is not there`);
      const to = one(agents);
      const words = ["--subject", `after-${run}`, "--body", "b", "--wait", "seen"];
      const after = await room.ov(["mail", "send", "--to", to, ...words, "--timeout", "60s"]);
      if (after.code !== 0) bad(`${to} is not reached: ${after.stderr}`);
      for (const { subject, to: agent } of safe) {
        const times = room.reached(agent, `Subject: ${subject}\n`);
        if (times > 1) bad(`${subject} came ${times} times`);
      }
    }
  } catch (error) {
    wrong.push(String(error));
    console.error(`last ${[...counts].map(String)}: ${error}`);
    if (process.env.OV_KEEP) execFileSync("cp", ["-r", room.base, process.env.OV_KEEP]);
    await room.ov(["doctor", "--fix"]);
  } finally {
    await room.close();
  }
  for (const [how, times] of counts) console.log(`${how.padEnd(9)} ${times}`);
  console.log(
    wrong.length === 0
      ? `${runs} losses, nothing lost but what came after the backup`
      : `${wrong.length} faults`,
  );
  process.exitCode = wrong.length === 0 && runs > 0 ? 0 : 1;
}
