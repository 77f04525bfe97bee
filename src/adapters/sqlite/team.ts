import type { Ending } from "../../domain/ending.ts";
import { AppError } from "../../domain/errors.ts";
import type { AgentStore, GroupStore, SessionStore } from "../../ports/store.ts";
import type { Db } from "./database.ts";
import type { Log } from "./events.ts";
import { atomic } from "./mail.ts";
import { beginsWith, toAgent, toSession } from "./rows.ts";

const COLUMNS = {
  kind: "kind",
  role: "role",
  parent: "parent",
  depth: "depth",
  runtime: "runtime",
  task: "task",
  worktree: "worktree",
  branch: "branch",
  baseBranch: "base_branch",
  brief: "brief",
} as const;

export function agentStore(db: Db, now: () => number, log: Log): AgentStore {
  const get = (name: string) => {
    const row = db.prepare("SELECT * FROM agents WHERE name = ?").get(name);
    return row ? toAgent(row as Record<string, unknown>) : undefined;
  };
  return {
    get,
    list: () =>
      (db.prepare("SELECT * FROM agents ORDER BY created_at, name").all() as []).map(toAgent),
    put(agent) {
      db.prepare(
        `INSERT INTO agents (name, kind, role, parent, depth, created_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, role = excluded.role,
           parent = coalesce(excluded.parent, parent), depth = excluded.depth`,
      ).run(agent.name, agent.kind, agent.role, agent.parent ?? null, agent.depth ?? 0, now());
      log("agent.put", { agent: agent.name, data: { role: agent.role, kind: agent.kind } });
    },
    update(name, change) {
      const fields = Object.entries(change).filter(([, value]) => value !== undefined);
      if (fields.length === 0) return;
      const sets = fields.map(([key]) => `${COLUMNS[key as keyof typeof COLUMNS]} = ?`);
      const values = fields.map(([, value]) => value);
      db.prepare(`UPDATE agents SET ${sets.join(", ")} WHERE name = ?`).run(...values, name);
    },
    relocate(from, to) {
      const move = (table: string, column: string) =>
        db
          .prepare(
            `UPDATE ${table} SET ${column} = @to || substr(${column}, length(@from) + 1)
             WHERE substr(${column}, 1, length(@from) + 1) = @from || '/'`,
          )
          .run({ from, to });
      db.transaction(() => {
        move("agents", "worktree");
        move("sessions", "dir");
        move("sessions", "transcript");
      })();
      log("project.moved", { data: { from, to } });
    },
    remove(name) {
      return db.transaction(() => {
        db.prepare("DELETE FROM sessions WHERE agent = ? AND ended_at IS NOT NULL").run(name);
        return db.prepare("DELETE FROM agents WHERE name = ?").run(name).changes > 0;
      })();
    },
  };
}

export function sessionStore(db: Db, now: () => number, log: Log): SessionStore {
  const one = (sql: string, ...values: unknown[]) => {
    const row = db.prepare(sql).get(...values);
    return row ? toSession(row as Record<string, unknown>) : undefined;
  };
  const get = (id: string) => one("SELECT * FROM sessions WHERE id = ?", id);
  /** The row has only its newest transcript; costs need them all. */
  const tellTranscript = (agent: string, session: string, transcript: string | null) =>
    log("session.learned", { agent, data: { session, transcript } });
  /** What waits for the agent waits for its next session from now on. */
  const rest = (agent: string) => {
    const held = db
      .prepare(
        `UPDATE deliveries SET reason = 'not_running', next_try_at = NULL
         WHERE recipient = ? AND state = 'queued' AND reason IS NOT 'not_running'
         RETURNING (SELECT id FROM messages m WHERE m.seq = deliveries.seq)`,
      )
      .pluck()
      .all(agent) as string[];
    for (const message of held)
      log("mail.held", { agent, message, data: { reason: "not_running" } });
    // Whoever saw its program end before the session did wanted to look again.
    db.prepare(
      `UPDATE deliveries SET next_try_at = NULL
       WHERE recipient = ? AND state = 'queued' AND reason = 'not_running' AND next_try_at IS NOT NULL`,
    ).run(agent);
  };
  return {
    live: () =>
      (db.prepare("SELECT * FROM sessions WHERE ended_at IS NULL ORDER BY agent").all() as []).map(
        toSession,
      ),
    liveOf: (agent) => one("SELECT * FROM sessions WHERE agent = ? AND ended_at IS NULL", agent),
    newest() {
      const sql = `SELECT * FROM sessions s WHERE generation =
        (SELECT max(generation) FROM sessions WHERE agent = s.agent)`;
      const rows = db.prepare(sql).all() as Record<string, unknown>[];
      return new Map(rows.map((row) => [row.agent as string, toSession(row)]));
    },
    lastOf: (agent) =>
      one("SELECT * FROM sessions WHERE agent = ? ORDER BY generation DESC LIMIT 1", agent),
    get,
    beginning: (text, limit) =>
      (
        db
          .prepare(`SELECT * FROM sessions WHERE ${beginsWith("id")} ORDER BY id LIMIT @limit`)
          .all({ text, limit }) as Record<string, unknown>[]
      ).map(toSession),
    all: (agent) =>
      (
        db
          .prepare("SELECT * FROM sessions WHERE agent = ? ORDER BY generation")
          .all(agent) as Record<string, unknown>[]
      ).map(toSession),
    near: (pids, table) =>
      (
        db
          .prepare(
            `SELECT * FROM sessions WHERE ended_at IS NULL AND (adopted = 1
               OR json_extract(pane, '$.panePid') IN (SELECT value FROM json_each(@pids))
               OR (instr(json_extract(pane, '$.serverBorn'), ' pid:[') > 0
                   AND instr(json_extract(pane, '$.serverBorn'), @table) = 0))`,
          )
          .all({ pids: JSON.stringify(pids), table: table ?? "none" }) as Record<string, unknown>[]
      ).map(toSession),
    byKey: (hash) => one("SELECT * FROM sessions WHERE key_hash = ?", hash),
    nextGeneration(agent) {
      const sql = "SELECT coalesce(max(generation), 0) + 1 FROM sessions WHERE agent = ?";
      return db.prepare(sql).pluck().get(agent) as number;
    },
    start(s) {
      const insert = db.prepare(
        `INSERT OR IGNORE INTO sessions
         (id, agent, generation, runtime, pane, dir, runtime_session, transcript, started_at, adopted,
          key_hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      const values = [s.id, s.agent, s.generation, s.runtime, JSON.stringify(s.pane), s.dir];
      const done = insert.run(
        ...[...values, s.runtimeSession, s.transcript, s.startedAt],
        s.adopted ? 1 : 0,
        s.keyHash ?? null,
      );
      if (done.changes === 0) {
        throw new AppError("refused", `agent "${s.agent}" already runs`, `ov stop ${s.agent}`);
      }
      const task = db.prepare("SELECT task FROM agents WHERE name = ?").pluck().get(s.agent);
      log("session.started", { agent: s.agent, data: { session: s.id, runtime: s.runtime, task } });
      if (s.transcript) tellTranscript(s.agent, s.id, s.transcript);
    },
    learn(id, known) {
      const before = get(id);
      if (!before) return;
      const { transcript = before.transcript, runtimeSession = before.runtimeSession } = known;
      if (transcript === before.transcript && runtimeSession === before.runtimeSession) return;
      db.prepare("UPDATE sessions SET runtime_session = ?, transcript = ? WHERE id = ?").run(
        ...[runtimeSession, transcript, id],
      );
      if (transcript !== before.transcript) tellTranscript(before.agent, id, transcript);
    },
    end: atomic(db)((id: string, ending: Ending) => {
      const ended = db
        .prepare(
          `UPDATE sessions SET ended_at = ?, end_kind = ?, end_reason = ?
           WHERE id = ? AND ended_at IS NULL
           RETURNING agent`,
        )
        .pluck()
        .get(now(), ending.kind, ending.detail, id) as string | undefined;
      if (ended) log("session.ended", { agent: ended, data: { session: id, ending } });
      if (ended) rest(ended);
      return ended !== undefined;
    }),
    close(id, isClosed = true) {
      db.prepare("UPDATE sessions SET closed = ? WHERE id = ?").run(isClosed ? 1 : 0, id);
    },
    remove(id) {
      db.prepare("DELETE FROM sessions WHERE id = ?").run(id);
    },
    restore({ id, endedAt, ending }) {
      const sql = "UPDATE sessions SET ended_at = ?, end_kind = ?, end_reason = ? WHERE id = ?";
      db.prepare(sql).run(endedAt, ending?.kind ?? null, ending?.detail ?? null, id);
    },
  };
}

export function groupStore(db: Db): GroupStore {
  const insert = (name: string, members: readonly string[]) => {
    const add = db.prepare("INSERT OR IGNORE INTO group_members VALUES (?, ?)");
    for (const member of members) add.run(name, member);
  };
  return {
    all() {
      const rows = db
        .prepare(
          `SELECT name, member FROM groups LEFT JOIN group_members ON group_name = name
           ORDER BY name, member`,
        )
        .all() as { name: string; member: string | null }[];
      const groups = new Map<string, string[]>();
      for (const { name, member } of rows) {
        const members = groups.get(name) ?? [];
        if (member !== null) members.push(member);
        groups.set(name, members);
      }
      return groups;
    },
    create: (name, members) =>
      db.transaction(() => {
        db.prepare("INSERT INTO groups VALUES (?)").run(name);
        insert(name, members);
      })(),
    add: (name, members) => db.transaction(() => insert(name, members))(),
    remove(name, members) {
      const drop = db.prepare("DELETE FROM group_members WHERE group_name = ? AND member = ?");
      db.transaction(() => {
        for (const member of members) drop.run(name, member);
      })();
    },
    delete: (name) => db.prepare("DELETE FROM groups WHERE name = ?").run(name).changes > 0,
  };
}
