import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../src/adapters/sqlite/store.ts";
import { NO_LIMITS, sendMail } from "../../src/usecases/send-mail.ts";

const NEW = { adopted: false, runtimeSession: null, transcript: null };

test("a message that found its reader's program ended has no next try once the session is over", () => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  const dir = mkdtempSync(join(rooms, "holds-"));
  const now = 1_800_000_000_000;
  const store = openStore(join(dir, "a.db"), { now: () => now });
  store.agents.put({ name: "bo", kind: "local", role: "builder" });
  const pane = { socket: "s", pane: "%0", panePid: 1, serverPid: 1, serverStart: 1, mark: "x" };
  const session = { id: "session-x", agent: "bo", generation: 1, runtime: "scripted", pane };
  store.sessions.start({ ...session, dir, ...NEW, startedAt: now });
  const letter = { to: "bo", type: "status", subject: "s", body: "b", wake: true } as const;
  const more = { sender: "al", by: "al", payload: null, priority: "normal" } as const;
  const { seq, id } = sendMail(store, { ...letter, ...more }, NO_LIMITS).message;
  // While `ov stop` ends the program, a dispatcher comes to see that.
  store.mail.hold("bo", [seq], "not_running", now + 5_000);
  store.sessions.end("session-x", { kind: "asked", detail: "stopped" });
  const [delivery] = store.mail.get(id)!.deliveries;
  expect(delivery).toMatchObject({ reason: "not_running", nextTryAt: null });
  store.close();
  rmSync(dir, { recursive: true, force: true });
});
