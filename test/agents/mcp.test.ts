import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TOOLS } from "../../src/cli/mcp/call.ts";
import { claudeKit } from "./claude-room.ts";
import { codexKit } from "./codex-room.ts";
import { geminiKit } from "./gemini-room.ts";
import type { AgentKit } from "./kit.ts";
import { opencodeKit } from "./opencode-room.ts";
import { type Stage, setTheStage } from "./stage.ts";

const SOON = { timeout: 90_000, interval: 100 };

interface Row {
  kit: AgentKit;
  runtime: string;
  /** What its model calls a tool by. */
  prefix: string;
  /** How a request names a tool. */
  named: (tool: string) => string;
  /** What its model is told of a result that has fields: these, or the text. */
  told: string;
}
const row = (kit: AgentKit, rest: Omit<Row, "kit" | "runtime">): Row => ({
  kit,
  runtime: kit.runtime,
  ...rest,
});
const fields = '{"key":"fruit","version":1}';
const claude = "mcp__overture__";
const gemini = "mcp_overture_";
const ROWS: readonly Row[] = [
  // 2.1.329 lists the names alone; its model asks for a definition when it needs it.
  row(claudeKit, { prefix: claude, named: (tool) => `${claude}${tool}\\n`, told: fields }),
  row(codexKit, { prefix: claude, named: (tool) => `"name":"${tool}"`, told: fields }),
  row(geminiKit, {
    prefix: gemini,
    named: (tool) => `"name":"${gemini}${tool}"`,
    told: "fruit v1",
  }),
  row(opencodeKit, {
    prefix: "overture_",
    named: (tool) => `"name":"overture_${tool}"`,
    told: "fruit v1",
  }),
];
const isWanted = ({ kit }: Row) => kit.installed() || process.env.OV_SKIP_AGENTS !== "1";

describe.each(ROWS.filter(isWanted))("the real $runtime with mcp: true", (it) => {
  let s: Stage;
  beforeAll(async () => {
    s = await setTheStage(it.kit, { config: "mcp: true\n" });
  }, 240_000);
  afterAll(() => s?.strike(), 60_000);

  test("has our tools in its request, and a call of its model reaches the store unasked", async () => {
    await s.prompt(`CALL: ${it.prefix}remember {"key":"fruit","text":"apple-of-${it.runtime}"}`);
    const results = () =>
      s.model
        .main()
        .flatMap((turn) => turn.toolResults)
        .join();
    await expect.poll(results, SOON).toContain(it.told);
    const { versions } = await s.room.json("memory", "show", "fruit");
    expect(versions).toMatchObject([{ body: `apple-of-${it.runtime}`, agent: "bo" }]);
    const request = JSON.stringify(s.model.main().at(-1)?.body);
    const missing = TOOLS.filter(({ name }) => !request.includes(it.named(name)));
    expect(missing.map(({ name }) => name)).toEqual([]);
    await s.is("idle");
  });
});
