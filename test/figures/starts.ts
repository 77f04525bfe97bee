import { type Killed, killOne, startMs } from "../cases/start-kills.ts";
import { TeamRoom } from "../team-room.ts";

const hit = (all: Killed[]) => all.filter(({ found }) => found !== "ended");

/** `ov sling` is killed at random moments, every second time with all that it had started. */
export async function figure(runs: number): Promise<void> {
  const room = new TeamRoom();
  const all: Killed[] = [];
  try {
    await startMs(room);
    let ms = await startMs(room);
    // A start that was faster than its kill was not killed, and does not count.
    for (let n = 0; hit(all).length < runs && n < runs * 3; n++) {
      const kill = { name: `k${n}x`, afterMs: Math.random() * ms, whole: n % 2 === 1 };
      const one = await killOne(room, kill);
      all.push(one);
      ms = one.nextMs ?? ms;
      for (const what of one.wrong) {
        console.error(`kill ${n} after ${Math.round(kill.afterMs)} of ${ms} ms: ${what}`);
      }
    }
  } finally {
    await room.close();
  }
  const count = (test: (one: Killed) => boolean) => all.filter(test).length;
  console.log(`${hit(all).length} starts killed at a random moment`);
  console.log(`nobody knew the agent      ${count(({ found }) => found === "nobody")}`);
  console.log(`  of these named as broken ${count((o) => o.found === "nobody" && o.said !== "")}`);
  console.log(`the agent was known        ${count(({ found }) => found === "agent")}`);
  console.log(`had ended before           ${count(({ found }) => found === "ended")}`);
  console.log(`left something, or the next start failed ${count(({ wrong }) => wrong.length > 0)}`);
  process.exitCode = hit(all).length < runs || all.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}
