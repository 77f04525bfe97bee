/** What kind of end the prose of a store before `end_kind` says. */
const kindOf = (reason: string) => `CASE
    WHEN ${reason} IN ('stopped', 'released', 'not adopted') THEN 'asked'
    WHEN ${reason} IN ('exit code 0', 'exit code 129', 'exit code 130', 'exit code 143') THEN 'quit'
    WHEN ${reason} IN ('handed over: manual', 'handed over: compaction', 'handed over: timeout')
      THEN 'handed_over'
    WHEN ${reason} = 'its pane is gone' THEN 'quit'
    ELSE 'crashed' END`;

/**
 * Append-only: a released migration is never edited. Migration N brings `user_version` to N.
 * `test/schema.sql` is the snapshot of the result.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE agents (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('local', 'remote', 'human', 'external', 'system')),
  role TEXT NOT NULL,
  parent TEXT,
  depth INTEGER NOT NULL DEFAULT 0,
  runtime TEXT,
  task TEXT,
  worktree TEXT,
  branch TEXT,
  base_branch TEXT,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO agents (name, kind, role, created_at) VALUES
  ('orchestrator', 'human', 'none', unixepoch() * 1000),
  ('overture', 'system', 'none', unixepoch() * 1000);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  agent TEXT NOT NULL REFERENCES agents (name),
  generation INTEGER NOT NULL,
  runtime TEXT NOT NULL,
  pane TEXT NOT NULL,
  dir TEXT NOT NULL,
  runtime_session TEXT,
  transcript TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  end_reason TEXT,
  UNIQUE (agent, generation)
) STRICT;
CREATE UNIQUE INDEX one_live_session ON sessions (agent) WHERE ended_at IS NULL;

CREATE TABLE messages (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  sender TEXT NOT NULL,
  address TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  payload TEXT,
  priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  thread TEXT NOT NULL,
  reply_to TEXT,
  expires_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_thread ON messages (thread);
CREATE INDEX messages_sender ON messages (sender, created_at);

CREATE TABLE deliveries (
  seq INTEGER NOT NULL REFERENCES messages (seq) ON DELETE CASCADE,
  recipient TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'leased', 'offered', 'seen', 'acked', 'dead')),
  urgent INTEGER NOT NULL,
  wake INTEGER NOT NULL,
  expires_at INTEGER,
  reason TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try_at INTEGER,
  lease_owner TEXT,
  lease_until INTEGER,
  door TEXT,
  session TEXT,
  transcript TEXT,
  proof TEXT,
  offered_at INTEGER,
  seen_at INTEGER,
  acked_at INTEGER,
  dead_at INTEGER,
  PRIMARY KEY (recipient, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_seq ON deliveries (seq);
CREATE INDEX deliveries_open ON deliveries (recipient, state, urgent DESC, seq)
  WHERE state IN ('queued', 'leased', 'offered');
CREATE INDEX deliveries_expiry ON deliveries (expires_at)
  WHERE expires_at IS NOT NULL AND state = 'queued';
CREATE INDEX deliveries_unacked ON deliveries (recipient, seq) WHERE state = 'seen';
CREATE INDEX deliveries_dead ON deliveries (recipient, seq) WHERE state = 'dead';

CREATE VIRTUAL TABLE messages_fts USING fts5 (
  subject, body, content = 'messages', content_rowid = 'seq'
);
CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages BEGIN
  INSERT INTO messages_fts (rowid, subject, body) VALUES (new.seq, new.subject, new.body);
END;
CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, subject, body)
  VALUES ('delete', old.seq, old.subject, old.body);
END;

CREATE TABLE groups (name TEXT PRIMARY KEY) STRICT;
CREATE TABLE group_members (
  group_name TEXT NOT NULL REFERENCES groups (name) ON DELETE CASCADE,
  member TEXT NOT NULL,
  PRIMARY KEY (group_name, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  agent TEXT,
  message TEXT,
  data TEXT
) STRICT;
`,
  `
ALTER TABLE messages ADD COLUMN hops INTEGER NOT NULL DEFAULT 0;

CREATE TABLE subscriptions (
  agent TEXT NOT NULL,
  goal TEXT NOT NULL CHECK (goal IN ('idle', 'done', 'waiting')),
  subscriber TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (agent, goal, subscriber)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_agent ON events (agent, kind, id);
`,
  `
ALTER TABLE sessions ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;
`,
  `
CREATE TABLE notes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('memory', 'checkpoint', 'handoff', 'state')),
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  agent TEXT NOT NULL,
  body TEXT NOT NULL,
  tags TEXT NOT NULL,
  importance INTEGER NOT NULL,
  expires_at INTEGER,
  is_gone INTEGER NOT NULL DEFAULT 0,
  is_current INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  UNIQUE (kind, key, version)
) STRICT;
CREATE UNIQUE INDEX notes_current ON notes (kind, key) WHERE is_current = 1;

CREATE TABLE note_tags (
  tag TEXT NOT NULL,
  seq INTEGER NOT NULL REFERENCES notes (seq),
  PRIMARY KEY (tag, seq)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE notes_fts USING fts5 (
  key, tags, body, content = 'notes', content_rowid = 'seq',
  tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER notes_in AFTER INSERT ON notes
WHEN new.kind = 'memory' AND new.is_current = 1 AND new.is_gone = 0 BEGIN
  INSERT INTO notes_fts (rowid, key, tags, body) VALUES (new.seq, new.key, new.tags, new.body);
  INSERT INTO note_tags (tag, seq) SELECT value, new.seq FROM json_each(new.tags);
END;
CREATE TRIGGER notes_out AFTER UPDATE OF is_current ON notes
WHEN old.kind = 'memory' AND old.is_current = 1 AND new.is_current = 0 AND old.is_gone = 0 BEGIN
  INSERT INTO notes_fts (notes_fts, rowid, key, tags, body)
  VALUES ('delete', old.seq, old.key, old.tags, old.body);
  DELETE FROM note_tags WHERE seq = old.seq AND tag IN (SELECT value FROM json_each(old.tags));
END;
`,
  // What an agent's task is, in the words that it was given in.
  "ALTER TABLE agents ADD COLUMN brief TEXT",
  `
CREATE TABLE origin (seed TEXT NOT NULL) STRICT;
INSERT INTO origin (seed) VALUES (lower(hex(randomblob(16))));

CREATE TABLE state_knowledge (
  key TEXT NOT NULL,
  agent TEXT NOT NULL,
  seen TEXT NOT NULL,
  wrote TEXT NOT NULL,
  PRIMARY KEY (key, agent)
) STRICT, WITHOUT ROWID;
`,
  `
CREATE INDEX notes_found
  ON notes (seq, importance, expires_at, agent, kind, is_current, is_gone)
  WHERE kind = 'memory' AND is_current = 1 AND is_gone = 0;
CREATE INDEX notes_by_agent ON notes (agent, seq, expires_at, kind, is_current, is_gone)
  WHERE kind = 'memory' AND is_current = 1 AND is_gone = 0;
CREATE INDEX notes_touched ON notes (kind, created_at, key);
`,
  `CREATE INDEX deliveries_undoable ON deliveries (recipient, seq)
  WHERE state = 'seen' AND lease_until IS NOT NULL`,
  // Until here the end of a session was prose, and each reader had its own rule for it.
  `
ALTER TABLE sessions ADD COLUMN end_kind TEXT
  CHECK (end_kind IN ('asked', 'quit', 'crashed', 'lost', 'handed_over'));
ALTER TABLE sessions ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET end_kind = ${kindOf("end_reason")} WHERE ended_at IS NOT NULL;
UPDATE sessions SET end_reason = substr(end_reason, 14) WHERE end_kind = 'handed_over';
UPDATE events SET data = json_set(json_remove(data, '$.reason'), '$.ending', json_object(
    'kind', ${kindOf("json_extract(data, '$.reason')")},
    'detail', json_extract(data, '$.reason')))
  WHERE kind = 'session.ended';
UPDATE events SET data = json_set(data, '$.ending.detail',
    substr(json_extract(data, '$.ending.detail'), 14))
  WHERE kind = 'session.ended' AND json_extract(data, '$.ending.kind') = 'handed_over';
`,
  // The agent whose process sent it, by whatever name: null for a person, a script and Overture.
  `
ALTER TABLE messages ADD COLUMN sent_by TEXT;
CREATE INDEX messages_sent_by ON messages (sent_by, created_at) WHERE sent_by IS NOT NULL;
`,
  // What a start makes, until its program may run: a killed one is taken back by the next.
  `CREATE TABLE starts (
  agent TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  made TEXT NOT NULL
) STRICT`,
  // Until here a reply line without a secret was the proof, which any sender could write.
  "ALTER TABLE deliveries ADD COLUMN secret_hash TEXT",
  // Few messages ask for an answer; those that do are looked for at every status.
  `CREATE INDEX messages_asking ON messages (seq)
  WHERE type IN ('question', 'dispatch', 'assign', 'escalation', 'decision_gate')`,
  // Who asked, and how that was found; null of before. Of a session's key only the hash is kept.
  `
ALTER TABLE events ADD COLUMN caller TEXT;
ALTER TABLE events ADD COLUMN found TEXT;
ALTER TABLE sessions ADD COLUMN key_hash TEXT;
CREATE UNIQUE INDEX sessions_key ON sessions (key_hash) WHERE key_hash IS NOT NULL;
`,
];
