import { KITS } from "../agents/kits.ts";
import { play } from "./play.ts";
import { realSubject } from "./real.ts";
import type { Schedule } from "./schedule.ts";
import { type Casting, scriptedSubject } from "./subject.ts";
import type { Verdict } from "./verdict.ts";
import { World } from "./world.ts";

/** So many schedules one agent lives: its transcript, which every proof reads, stays short. */
const LIFE = 40;

/** A lane: one process, one room, one agent for many schedules. Takes plans, answers verdicts. */
export class Lane {
  #world: World | undefined;

  async play(plan: Schedule): Promise<Verdict> {
    const verdict = await this.#worldFor(plan.profile)
      .then((world) => play(world, plan))
      .catch((error) => ({ letters: 0, again: 0, broken: [`threw: ${error?.stack ?? error}`] }));
    const plays = this.#world?.plays ?? 0;
    if (verdict.broken.length > 0 || plays % LIFE === 0) await this.close();
    return verdict;
  }

  async close(): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await world?.close();
  }

  async #worldFor(profile: string): Promise<World> {
    if (this.#world?.profile !== profile) {
      await this.close();
      this.#world = await World.open(profile, castingOf(profile));
      await this.#world.start();
    }
    return this.#world;
  }
}

/** `real:<runtime>` is the program itself, all else a look-alike. */
function castingOf(profile: string): Casting {
  const kit = KITS[profile.replace(/^real:/, "")];
  if (profile.startsWith("real:") && kit) return realSubject(kit);
  return async () => scriptedSubject(profile);
}

/** The life of a lane's process: a plan in, a verdict out, until its parent is gone. */
export function serve(): void {
  const lane = new Lane();
  let work = Promise.resolve();
  process.on("message", (plan: Schedule | "end") => {
    work = work.then(async () => {
      if (plan === "end") {
        await lane.close();
        process.disconnect();
        return;
      }
      const at = Date.now();
      const verdict = await lane.play(plan);
      process.send?.({ plan, verdict, ms: Date.now() - at });
    });
  });
  process.on("disconnect", () => void work.then(() => lane.close()).then(() => process.exit(0)));
}
