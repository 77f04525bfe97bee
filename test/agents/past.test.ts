import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { KITS } from "./kits.ts";
import { type Stage, setTheStage } from "./stage.ts";

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.strike();
  stage = undefined;
});

describe.each(Object.values(KITS))("an ended session of $runtime", (kit) => {
  test.skipIf(!kit.installed() && process.env.OV_SKIP_AGENTS === "1")(
    "answers a question from its own conversation, which stays as it is",
    async () => {
      stage = await setTheStage(kit);
      const { room, model } = stage;
      await stage.prompt("remember the word quince-8841");
      await expect
        .poll(() => stage!.reached("quince-8841"), { timeout: 30_000 })
        .toBeGreaterThan(0);
      await stage.is("idle");
      await room.json("stop", "bo");
      const { sessions } = await room.json("past", "bo");
      expect(sessions).toMatchObject([{ session: 1, runtime: kit.runtime, how: "stopped" }]);
      const file = /^(?:codex:|gemini:)?(\/.*)$/.exec(sessions[0].transcript)?.[1];
      const before = file && readFileSync(file, "utf8");
      const { answer } = await room.json("past", "bo", "--ask", "which-word-5527");
      expect(answer).not.toBe("");
      const asked = model.requests.map(({ body }) => JSON.stringify(body));
      expect(asked.findLast((body) => body.includes("which-word-5527"))).toContain("quince-8841");
      if (file) expect(readFileSync(file, "utf8")).toBe(before);
      expect((await room.json("past", "bo")).sessions).toHaveLength(1);
    },
    180_000,
  );
});
