import { AppError } from "../../domain/errors.ts";
import { type Context, now, pause } from "../context.ts";
import type { Register } from "../verbs.ts";

/** It has begun by then, or never does; one that waits for a dispatcher is given more time. */
const START_MS = 20_000;
const TAKE_MS = 75_000;
const LOOK_MS = 50;
const NOTE_MS = 2_000;

export const register: Register = (command, context) => {
  command
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Starts the carrier (ov watch) in a window of its own in the project's tmux; ov down ends it. Returns
when the carrier has made its first round, or says why it has not.

Example:
  ov up && ov status
`,
    )
    .action(() => startCarrier(context, "up"));
};

export async function startCarrier(context: Context, command: string): Promise<void> {
  const { out, store } = context;
  const before = context.carrierState().pid;
  if (before !== undefined) {
    return out.done(command, { pid: before, started: false }, "the carrier runs already");
  }
  const after = store.events.last();
  const isThere = context.carrierPid() !== undefined;
  if (!isThere) await context.startCarrier();
  const begun = now();
  for (let isNoted = false; ; await pause(LOOK_MS)) {
    const [news] = store.events.find({ kind: "carrier", after, limit: 1 });
    if (news?.kind === "carrier.started") break;
    // It was about to carry before we looked.
    if (isThere && context.carrierState().pid !== undefined) break;
    if (news) {
      const { why } = JSON.parse(news.data ?? "{}") as { why: string };
      throw new AppError("refused", `the carrier ended: ${why}`, "again: ov up");
    }
    const waiting = context.carrierPid();
    if (waiting !== undefined && !isNoted && now() - begun > NOTE_MS) {
      out.note(`process ${waiting} waits for the one that delivers just now`);
      isNoted = true;
    }
    if (now() - begun >= (waiting === undefined ? START_MS : TAKE_MS)) {
      throw new AppError("timeout", "the carrier did not start", "see what it says: ov watch");
    }
  }
  const pid = context.carrierPid();
  await out.done(command, { pid, started: true }, `the carrier runs (process ${pid})`);
}
