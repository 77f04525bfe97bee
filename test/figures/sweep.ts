import { TeamRoom, until } from "../team-room.ts";
import { median, spread } from "./numbers.ts";
import { megabytes, used } from "./process.ts";

const PANES = 30;
const IDLE_S = 30;

/**
 * Thirty idle scripted agents: what one look at all of them costs inside one process, what a send
 * to one of them costs against a team of one, and what the carrier uses while nothing happens.
 */
export async function figure(runs: number): Promise<void> {
  const small = new TeamRoom();
  const room = new TeamRoom();
  try {
    await sling(small, 0);
    for (let n = 0; n < PANES; n++) await sling(room, n);
    const one: number[] = [];
    const many: number[] = [];
    for (let n = 0; n < runs; n++) {
      one.push(await send(small));
      many.push(await send(room));
    }
    await send(room);
    await until(
      "no dispatcher",
      () => room.dispatcher(),
      (one) => one === undefined,
    );
    await until(
      "every letter seen",
      async () => (await room.json("mail", "list", "--to", "a0", "--unread")).messages.length,
      (left) => left === 0,
    );
    await until(
      "a0 idle",
      () => room.state("a0"),
      (state) => state === "idle",
    );
    const { sweep } = await import("./sweep-inside.ts");
    const { times, calls } = await sweep(room, runs);
    console.log(`state sweep of ${PANES} panes     ${spread(times)}, ${calls} tmux call each`);
    console.log(`send, team of one          ${spread(one)}`);
    console.log(`send, team of ${PANES}           ${spread(many)}`);
    console.log(`ratio of the medians       ${(median(many) / median(one)).toFixed(2)}`);
    await carrier(room);
  } finally {
    await small.close();
    await room.close();
  }
}

async function sling(room: TeamRoom, n: number): Promise<void> {
  const { code, stderr } = await room.ov(["sling", "t", "--name", `a${n}`, "--prompt", "begin"]);
  if (code !== 0) throw new Error(stderr);
  await until(
    `a${n} idle`,
    () => room.state(`a${n}`),
    (state) => state === "idle",
  );
}

/** From the start to the exit of `ov mail send`, with nothing else under way. */
async function send(room: TeamRoom): Promise<number> {
  await until(
    "no dispatcher",
    () => room.dispatcher(),
    (one) => one === undefined,
  );
  const start = performance.now();
  const letter = ["mail", "send", "--to", "a0", "--subject", "s", "--body", "b", "--wake"];
  const { code, stderr } = await room.ov(letter);
  const time = performance.now() - start;
  if (code !== 0) throw new Error(stderr);
  return time;
}

async function carrier(room: TeamRoom): Promise<void> {
  await until(
    "no dispatcher",
    () => room.dispatcher(),
    (one) => one === undefined,
  );
  const { pid } = await room.json("up");
  await new Promise((done) => setTimeout(done, 3_000));
  const before = used(pid);
  await new Promise((done) => setTimeout(done, IDLE_S * 1000));
  const percent = ((used(pid) - before) / IDLE_S) * 100;
  const memory = Math.round(megabytes(pid));
  console.log(
    `carrier, ${PANES} idle panes     ${percent.toFixed(2)} % of a core over ${IDLE_S} s, ${memory} MB`,
  );
  await room.ov(["down"]);
}
