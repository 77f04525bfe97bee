import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TeamRoom, until } from "../team-room.ts";

const SOON = { timeout: 90_000, interval: 50 };
let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(async () => {
  await room.ov(["down"]);
  await room.close();
});

async function sling(name: string, prompt = "begin", state = "idle"): Promise<void> {
  await room.json("sling", `t-${name}`, "--name", name, "--prompt", prompt);
  await room.becomes(name, state);
}
const send = async (to: string, ...more: string[]) =>
  (await room.json("mail", "send", "--to", to, "--subject", "s", "--body", "b", ...more)).id;
// biome-ignore lint/suspicious/noExplicitAny: JSON of a verb.
const row = async (name: string): Promise<any> =>
  (await room.json("status", "--all")).agents.find((one: { name: string }) => one.name === name);
/** For how long `ov status` says that its state holds, in ms. */
const held = async (name: string) => Date.now() - Date.parse((await row(name)).since);

describe("a message to an agent that does not run", () => {
  const isResting = async (id: string) => {
    expect(await room.receipt(id, "bo")).toMatchObject({ state: "queued" });
    const explained = await room.json("explain", "bo");
    const letter = explained.letters.find((one: { id: string }) => one.id === id);
    expect(letter).toMatchObject({
      why: expect.stringContaining("not_running"),
      nextTryInMs: null,
    });
    expect((await row("bo")).held).toEqual(["not_running"]);
  };

  test("is held as not running, when it was held for another reason before", async () => {
    await sling("bo", "ASK: true", "waiting");
    const id = await send("bo", "--wake");
    await until(
      "held",
      () => row("bo"),
      ({ held: reasons }) => reasons.includes("dialog_open"),
    );
    await room.json("stop", "bo");
    await isResting(id);
    await room.json("resume", "bo");
    await expect.poll(async () => (await room.receipt(id, "bo")).state, SOON).toBe("seen");
  });

  test("is held as not running, when it was stored after the end", async () => {
    await sling("bo");
    await room.json("stop", "bo");
    await isResting(await send("bo", "--wake"));
  });
});

describe("status says since when a state holds", () => {
  test("at a dialog, after an exit and after a stop", async () => {
    await sling("bo", "ASK: true", "waiting");
    await sling("ada", "EXIT 3", "exited");
    await sling("eve");
    await room.json("stop", "eve");
    await room.json("status");
    const began = Date.now();
    await expect.poll(() => Date.now() - began, SOON).toBeGreaterThan(3_000);
    for (const name of ["bo", "ada", "eve"]) {
      expect(await held(name), name).toBeGreaterThan(3_000);
      expect(await held(name), name).toBeLessThan(90_000);
    }
  });
});
