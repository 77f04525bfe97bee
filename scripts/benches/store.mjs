import { join } from "node:path";
import { compare, makeProject, OV, row, rows } from "./room.mjs";

/** Opens the store as a command does, and closes it: the next command is the only one on it. */
export function withStore({ openStore, markers }, root, work) {
  const home = join(root, ".overture");
  const store = openStore(join(home, "overture.db"), { marker: markers(home) });
  try {
    return work(store);
  } finally {
    store.close();
  }
}

function letter(to, n) {
  const text = { subject: `Letter ${n}`, body: "Some lines of text.\n".repeat(5), payload: null };
  return { sender: "orchestrator", to, type: "status", priority: "normal", ...text };
}

/** Leaves the reader exactly five unread letters, and nobody anything else of them. */
export function fiveUnread(lib, root) {
  withStore(lib, root, (store) => {
    store.agents.put({ name: "reader", kind: "local", role: "builder" });
    for (const { id } of store.mail.open("reader")) store.mail.ack(id, "reader");
    for (let n = 0; n < 5; n++) lib.sendMail(store, letter("reader", n), 0);
  });
}

/** The store's size must not show. */
export function sizes(lib) {
  const check = (letters) => {
    const cwd = makeProject(`letters-${letters}`);
    fiveUnread(lib, cwd);
    fill(lib, cwd, letters);
    const before = () => fiveUnread(lib, cwd);
    return { argv: [OV, "mail", "check", "--agent", "reader"], cwd, before };
  };
  const [small, big] = compare(30, [check(10), check(100_000)]);
  row("mail check, 100,000 letters", "10 letters", small, big, 1.15);
}

/** Letters that were read before, of ten senders to ten readers and to ours. */
function fill({ openDatabase }, root, count) {
  const db = openDatabase(join(root, ".overture", "overture.db"));
  const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)";
  db.transaction(() => {
    db.prepare(
      `INSERT INTO messages (seq, id, sender, address, type, subject, body, priority, thread, created_at)
       ${numbers} SELECT 1000 + i, 'old-' || i, 'agent-' || (i % 10), 'reader', 'status',
         'Letter ' || i, 'Some lines of text, number ' || i, 'normal', 'old-' || i, i FROM n`,
    ).run(count);
    db.prepare(
      `INSERT INTO deliveries (seq, recipient, state, urgent, wake, proof, seen_at)
       ${numbers} SELECT 1000 + i, iif(i % 2, 'reader', 'agent-' || (i % 10)), 'seen', 0, 0,
         'command', i FROM n`,
    ).run(count);
  })();
  db.close();
}

/** A letter to ten agents is one transaction with ten deliveries and its event. */
export function throughput(lib) {
  const root = makeProject("fan-out");
  const letters = 3_000;
  const seconds = withStore(lib, root, (store) => {
    for (let n = 0; n < 10; n++) {
      store.agents.put({ name: `agent-${n}`, kind: "local", role: "builder" });
    }
    const start = performance.now();
    for (let n = 0; n < letters; n++) lib.sendMail(store, letter("@all", n), 0);
    return (performance.now() - start) / 1000;
  });
  const rate = Math.round(letters / seconds).toLocaleString("en");
  rows.push(["letters to @all of 10 agents", `${rate} a second`, "", "", ""]);
}
