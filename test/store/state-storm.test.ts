import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openState } from "../../src/adapters/sqlite/state.ts";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { isConflict, vectorOf } from "../../src/domain/fact.ts";
import { covers, type Vector } from "../../src/domain/vector.ts";

const PROCESSES = 8;
const WRITES = 50;
/** Facts that are written and never read. */
const BLIND = ["s0", "s1", "s2"];

let home: string;
beforeEach(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  home = mkdtempSync(join(rooms, "storm-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Printed {
  agent: string;
  key: string;
  value: unknown;
  vector: Vector;
}

/**
 * A process that writes in turn: its own field of a board that it has just read, a text that it
 * sometimes read, and texts that it never read. It prints each write once it is stored.
 */
async function bundleWriter(): Promise<string> {
  // Beside the project's packages, so that the native one is found.
  const outfile = join(process.cwd(), "dist", `writer-${process.pid}.mjs`);
  await build({
    stdin: {
      resolveDir: process.cwd(),
      loader: "ts",
      contents: `
        import { openState } from "./src/adapters/sqlite/state.ts";
        import { markers } from "./src/adapters/project.ts";
        import { readFact, setFact } from "./src/usecases/share-state.ts";
        import { writeSync } from "node:fs";
        const [home, agent] = process.argv.slice(2);
        const now = Date.now;
        const state = openState(home + "/overture.db", { now, marker: markers(home) });
        const tools = { state, now };
        const blind = ${JSON.stringify(BLIND)};
        for (let i = 0; i < ${WRITES}; i++) {
          const key = i % 2 === 0 ? "board" : i % 4 === 1 ? "seen" : blind[i % blind.length];
          const isRead = key === "board" || (key === "seen" && Math.random() < 0.5);
          const was = isRead && state.newest(key) && readFact(tools, key, agent).view.value;
          const value = key === "board" ? { ...was, [agent]: i } : agent + " " + i;
          setFact(tools, { key, value, agent });
          const { wrote: vector } = state.knowledge(key, agent);
          writeSync(1, JSON.stringify({ agent, key, value, vector }) + "\\n");
        }
        state.close();`,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["better-sqlite3"],
    outfile,
  });
  return outfile;
}

async function storm(): Promise<Printed[]> {
  const program = await bundleWriter();
  const ends = Array.from({ length: PROCESSES }, async (_, n) => {
    const child = spawn(process.execPath, [program, home, `p${n}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    return text;
  });
  const texts = await Promise.all(ends);
  rmSync(program);
  return texts.flatMap((text) => text.trim().split("\n")).map((line) => JSON.parse(line));
}

test("8 processes write 400 facts at once: none is lost without a conflict or one who knew it", async () => {
  const printed = await storm();
  expect(printed).toHaveLength(PROCESSES * WRITES);
  const marker = { set: () => undefined, clear: () => undefined };
  const state = openState(join(home, "overture.db"), { now: Date.now, marker });
  const facts = new Map(state.keys().map((key) => [key, state.newest(key)!]));
  state.close();

  const lastOf = (key: string) =>
    new Map(printed.filter((one) => one.key === key).map(({ agent, value }) => [agent, value]));
  const board = facts.get("board")!;
  const fields = [...lastOf("board")].map(([agent, value]) => [agent, (value as never)[agent]]);
  expect([isConflict(board), board.view.value]).toEqual([false, Object.fromEntries(fields)]);

  for (const key of BLIND) {
    const kept = facts.get(key)!.writes.map(({ value }) => value);
    expect(kept.sort()).toEqual([...lastOf(key).values()].sort());
  }

  const vectors = new Set(printed.map(({ key, vector }) => `${key} ${JSON.stringify(vector)}`));
  expect(vectors.size).toBe(printed.length);
  for (const { key, value, vector } of printed) {
    const fact = facts.get(key)!;
    const isKept = fact.writes.some(
      (write) => JSON.stringify(write.value) === JSON.stringify(value),
    );
    const others = printed.filter((other) => other.key === key && other.value !== value);
    const isKnown = others.some((other) => covers(other.vector, vector));
    expect([isKept || isKnown, covers(vectorOf(fact.writes), vector)]).toEqual([true, true]);
  }

  const store = openStore(join(home, "overture.db"));
  const subjects = store.mail.queued("p3", 100).map(({ subject }) => subject);
  store.close();
  const blind = subjects.filter((subject) => subject !== "conflict: seen");
  expect(blind.sort()).toEqual(BLIND.map((key) => `conflict: ${key}`));
}, 240_000);
