import { describe, expect, test } from "vitest";
import { addTokens, NO_TOKENS, type Tokens } from "../../src/domain/usage.ts";
import type { RequestLog } from "../model/server.ts";
import type { Spent } from "../model/usage.ts";
import { claudeKit } from "./claude-room.ts";
import { codexKit } from "./codex-room.ts";
import type { AgentKit } from "./kit.ts";
import { setTheStage } from "./stage.ts";

const SOON = { timeout: 90_000, interval: 200 };

/** What the model said that it was paid for, as the API of each tells it. */
const told: Record<string, (spent: Spent) => Tokens> = {
  claude: ({ input, cacheRead, cacheWrite5m, cacheWrite1h, output }) => ({
    ...{ input, cacheRead, cacheWrite: cacheWrite5m, cacheWrite1h, output },
  }),
  codex: ({ input, cacheRead, output }) => ({ ...NO_TOKENS, input, cacheRead, output }),
};

/** USD for a million; a model of our own has the price that the config gives it. */
const PRICE = { input: 2, output: 10, cacheRead: 0.5, cacheWrite: 3, cacheWrite1h: 4 };
const dollars = (tokens: Tokens) =>
  (tokens.input * 2 +
    tokens.output * 10 +
    tokens.cacheRead * 0.5 +
    tokens.cacheWrite * 3 +
    tokens.cacheWrite1h * 4) /
  1_000_000;

const kits: [string, AgentKit][] = [
  ["claude", claudeKit],
  ["codex", codexKit],
];

describe.each(kits)("the real %s", (name, kit) => {
  const skip = !kit.installed() && process.env.OV_SKIP_AGENTS === "1";

  test.skipIf(skip)(
    "costs after two prompts what its model said that it sent, without ever having had mail",
    async () => {
      const prices = { claude: PRICE, scripted: PRICE };
      const s = await setTheStage(kit, { config: `costs:\n  prices: ${JSON.stringify(prices)}\n` });
      try {
        await s.prompt("RUN: sleep 0.2");
        await expect.poll(() => s.model.main().length, SOON).toBe(3);
        await s.is("idle");
        await s.prompt("second words");
        await expect.poll(() => s.model.main().length, SOON).toBe(4);
        await s.is("idle");
        const sent = (requests: RequestLog[]) =>
          requests.map(({ spent }) => told[name]!(spent!)).reduce(addTokens, NO_TOKENS);
        const all = sent(s.model.main());
        const costs = () => s.room.json("costs", "--agent", "bo");
        await expect.poll(async () => (await costs()).total.calls, SOON).toBe(4);
        const { total, rows, uncounted, brokenLines } = await costs();
        expect(total.tokens).toMatchObject(all);
        expect(total.usd).toBeCloseTo(dollars(all), 8);
        expect(rows.map(({ key }: { key: string }) => key)).toEqual(["bo"]);
        expect([uncounted, brokenLines]).toEqual([[], 0]);
        const { rows: tasks } = await s.room.json("costs", "--by", "task", "--run", "1");
        expect(tasks).toMatchObject([{ key: "t-1", calls: 4 }]);
      } finally {
        await s.strike();
      }
    },
    240_000,
  );
});
