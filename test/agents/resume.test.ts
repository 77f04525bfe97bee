import { afterEach, describe, expect, test } from "vitest";
import { KITS } from "./kits.ts";
import { type Stage, setTheStage } from "./stage.ts";

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.strike();
  stage = undefined;
});

describe.each(Object.values(KITS))("$runtime, after its tmux server was killed", (kit) => {
  test.skipIf(!kit.installed() && process.env.OV_SKIP_AGENTS === "1")(
    "goes on with its own conversation, and takes its letters",
    async () => {
      stage = await setTheStage(kit);
      const { room, reached } = stage;
      await stage.prompt("remember the word quince-8841");
      await expect.poll(() => reached("quince-8841"), { timeout: 60_000 }).toBeGreaterThan(0);
      await stage.is("idle");
      await room.endServer("ov");
      await room.becomes("bo", "dead", 60_000);
      const { agents } = await room.json("resume", "--all");
      expect(agents).toMatchObject([{ agent: "bo", how: "resumed" }]);
      await room.becomes("bo", "idle", 150_000);
      await stage.seen(await stage.send("plum-2210"));
      expect(reached("quince-8841")).toBeGreaterThan(0);
      expect(reached("plum-2210")).toBe(1);
    },
    240_000,
  );
});
