import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Database from "better-sqlite3";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { NO_LIMITS, sendMail } from "../../src/usecases/send-mail.ts";
import { TeamRoom } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

const RECIPIENTS = ["r1", "r2", "r3", "r4", "r5"];

/** A process that sends `count` letters to the five in turn, printing each id once it is stored. */
async function bundleSender(): Promise<string> {
  // Beside the project's packages, so that the native one is found.
  const outfile = join(process.cwd(), "dist", `sender-${process.pid}.mjs`);
  await build({
    stdin: {
      resolveDir: process.cwd(),
      loader: "ts",
      contents: `
        import { openStore } from "./src/adapters/sqlite/store.ts";
        import { markers } from "./src/adapters/project.ts";
        import { NO_LIMITS, sendMail } from "./src/usecases/send-mail.ts";
        import { writeSync } from "node:fs";
        const [home, sender, count] = process.argv.slice(2);
        const store = openStore(home + "/overture.db", { marker: markers(home) });
        const to = ${JSON.stringify(RECIPIENTS)};
        for (let i = 0; i < Number(count); i++) {
          const { message } = sendMail(store, { sender, to: to[i % to.length], type: "status",
            subject: "n " + i, body: sender + " " + i, payload: null, priority: "normal" }, NO_LIMITS);
          writeSync(1, message.id + "\\n");
        }
        store.close();`,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["better-sqlite3"],
    outfile,
  });
  return outfile;
}

test("8 processes send 500 letters each, 4 are killed midway: each printed id is there once", async () => {
  for (const name of RECIPIENTS) await room.json("agents", "add", name);
  const program = await bundleSender();
  const home = join(room.root, ".overture");
  const printed: string[] = [];
  const ends = Array.from({ length: 8 }, async (_, n) => {
    const child = spawn(process.execPath, [program, home, `s${n}`, "500"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: room.env,
    });
    let count = 0;
    createInterface({ input: child.stdout }).on("line", (id) => {
      printed.push(id);
      if (n < 4 && ++count === 100 + n * 70) child.kill("SIGKILL");
    });
    await once(child, "close");
    return child.signalCode;
  });
  const signals = await Promise.all(ends);
  expect(signals.filter((signal) => signal === "SIGKILL")).toHaveLength(4);
  expect(printed.length).toBeGreaterThan(2000 + 4 * 100);

  const inboxes: string[] = [];
  for (const name of RECIPIENTS) {
    const { messages } = await room.json("mail", "check", "--agent", name);
    inboxes.push(...messages.map((m: { id: string }) => m.id));
  }
  expect(new Set(inboxes).size).toBe(inboxes.length);
  const missing = printed.filter((id) => !inboxes.includes(id));
  expect(missing).toEqual([]);
  rmSync(program);
  const db = new Database(join(home, "overture.db"), { readonly: true });
  expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
  db.close();
}, 240_000);

/** 2,000 letters to r1. */
async function fill(): Promise<void> {
  await room.json("agents", "add", "r1");
  const store = openStore(join(room.root, ".overture", "overture.db"));
  for (let i = 0; i < 2000; i++) {
    const draft = { sender: "s", to: "r1", subject: `n ${i}`, body: "b", payload: null };
    sendMail(store, { ...draft, type: "status", priority: "normal" }, NO_LIMITS);
  }
  store.close();
}

test.each([
  ["with a limit of 250 each", ["--limit", "250"]],
  ["without a limit", []],
])(
  "8 concurrent checks %s: their union is 2,000, and none twice",
  async (_, limit) => {
    await fill();
    const checks = Array.from({ length: 8 }, () =>
      room.json("mail", "check", "--agent", "r1", ...limit),
    );
    const ids = (await Promise.all(checks)).flatMap(({ messages }) =>
      messages.map((m: { id: string }) => m.id),
    );
    expect(ids).toHaveLength(2000);
    expect(new Set(ids).size).toBe(2000);
  },
  240_000,
);
