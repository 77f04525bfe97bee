import { parseArgs } from "node:util";
import { TeamRoom } from "../team-room.ts";
import { play, type Verdict } from "./play.ts";
import { type Schedule, schedule, shorter } from "./schedule.ts";

const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    lanes: { type: "string", default: "3" },
    shrink: { type: "boolean", default: false },
  },
});
const count = Number(values.schedules);
const first = Number(values.seed);
console.log(`chaos: ${count} schedules from seed ${first}, runtime scripted`);

const room = new TeamRoom();
const failed: { plan: Schedule; verdict: Verdict }[] = [];
let letters = 0;
let runs = 0;
const run = (plan: Schedule) => play(room, `a${runs++}`, plan);

try {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const plan = schedule(first + next++);
      const verdict = await run(plan).catch((error) => ({ letters: 0, broken: [String(error)] }));
      letters += verdict.letters;
      if (verdict.broken.length > 0) {
        failed.push({ plan, verdict });
        console.log(`seed ${plan.seed}: ${verdict.broken.join("; ")}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  if (values.shrink && failed[0]) console.log(JSON.stringify(await shrink(failed[0].plan)));
} finally {
  await room.close();
}

const kinds = ["lost", "duplicated", "out of order", "dialog", "draft", "shell", "untrue receipt"];
for (const kind of kinds) {
  const n = failed.filter(({ verdict }) => verdict.broken.some((text) => text.includes(kind)));
  console.log(`${kind.padEnd(15)} ${n.length}`);
}
console.log(`${count} schedules, ${letters} letters, ${failed.length} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** The shortest schedule that still fails, by leaving acts out. */
async function shrink(plan: Schedule): Promise<Schedule> {
  for (const candidate of shorter(plan)) {
    if ((await run(candidate)).broken.length > 0) return shrink(candidate);
  }
  return plan;
}
