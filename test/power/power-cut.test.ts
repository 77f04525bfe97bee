import { expect, test } from "vitest";
import { cutPower } from "./cut.ts";

const CUTS = 40;
const ROUNDS = 1;
const seed = Date.now() % 1_000_000;

test.skipIf(process.platform !== "linux")(
  "what was answered is there after a power cut: every message, every receipt, nothing twice",
  async () => {
    const { broken, cuts, sent, read } = await cutPower(CUTS, { rounds: ROUNDS, seed });
    expect([seed, broken]).toEqual([seed, []]);
    expect([cuts, sent]).toEqual([CUTS, 8 * ROUNDS]);
    expect(read).toBeGreaterThan(0);
  },
);

test.skipIf(process.platform !== "linux")(
  "a store that commits without a sync is seen to lose what was answered",
  async () => {
    const { broken } = await cutPower(CUTS, { rounds: ROUNDS, seed, isSynced: false });
    expect(broken).toContainEqual(expect.stringContaining("lost: "));
  },
);
