import type { NoteQuery } from "../../ports/notes.ts";
import type { Db } from "./database.ts";

/** A word in more notes than these says little, and to rank by it costs a look at each of them. */
const COMMON = 1_000;
/** So many notes are ranked, the newest that match; of those with common words more are looked at. */
const RANKED = 1_000;
const LOOKED_AT = 5_000;
/** Words of a text that count, and those by which notes are ranked: the rarest. */
const WORDS = 16;
const RANKING = 8;

/** As the partial indexes of notes say it; the query planner takes one only for the same words. */
const FOUND = "n.kind = 'memory' AND n.is_current = 1 AND n.is_gone = 0";

interface Word {
  /** In FTS5's language: the word, or its beginnings where not too many notes have those. */
  any: string;
  /** The same where notes can be ranked by it. */
  rank: string | undefined;
}

/** Seqs of the notes of memory that fit best, best first; see `NoteStore.find`. */
export function searchNotes(db: Db, now: number, query: NoteQuery): number[] {
  const filter = filterOf(query, now);
  const text = query.text?.trim() ?? "";
  if (text === "") return newest(db, query, filter);
  const words = wordsOf(db, text);
  if (words.length === 0) return [];
  const all = words.map(({ any }) => any).join(" AND ");
  const some = words.map(({ any }) => any).join(" OR ");
  const ranks = words.flatMap(({ rank }) => rank ?? []).join(" OR ");
  const found = new Set<number>(named(db, text, filter));
  const take = (seqs: number[]) => {
    for (const seq of seqs) if (found.size < query.limit) found.add(seq);
    return found.size < query.limit;
  };
  const ranked = (within?: string) => (ranks === "" ? [] : byRank(db, filter, ranks, within));
  const rest = (match: string) =>
    words.every(({ any, rank }) => any === rank) ? [] : byAge(db, filter, match, query.tags ?? []);
  const isShort = () => take(ranked(all)) && take(rest(all)) && take(ranked()) && take(rest(some));
  isShort();
  return [...found].slice(0, query.limit);
}

interface Filter {
  sql: string;
  values: Record<string, unknown>;
}

function filterOf({ tags = [], agent, limit }: NoteQuery, now: number): Filter {
  const tests = [FOUND, "(n.expires_at IS NULL OR n.expires_at > @now)"];
  if (agent !== undefined) tests.push("n.agent = @agent");
  for (const [i] of tags.entries()) {
    tests.push(`EXISTS (SELECT 1 FROM note_tags WHERE tag = @tag${i} AND seq = n.seq)`);
  }
  const named = Object.fromEntries(tags.map((tag, i) => [`tag${i}`, tag]));
  return { sql: tests.join(" AND "), values: { now, agent: agent ?? null, limit, ...named } };
}

const seqs = (db: Db, sql: string, values: object) =>
  db.prepare(sql).pluck().all(values) as number[];

/** Counts rows of a table, but no more than `COMMON` + 1. */
function counter(db: Db, table: string, test: string): (value: string) => number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${table} WHERE ${test} LIMIT ${COMMON + 1})`;
  const count = db.prepare(sql).pluck();
  return (value) => count.get(value) as number;
}

/** Without words: the newest, by way of what fewest notes have. */
function newest(db: Db, { tags = [], agent }: NoteQuery, { sql, values }: Filter): number[] {
  const counted = tags.map((tag, i) => ({
    from: "note_tags t CROSS JOIN notes n ON n.seq = t.seq",
    where: `t.tag = @tag${i} AND ${sql}`,
    order: "t.seq",
    count: counter(db, "note_tags", "tag = ?")(tag),
  }));
  if (agent !== undefined) {
    const from = "notes n INDEXED BY notes_by_agent";
    const count = counter(db, from, `${FOUND} AND n.agent = ?`)(agent);
    counted.push({ from, where: sql, order: "n.seq", count });
  }
  const all = { from: "notes n INDEXED BY notes_found", where: sql, order: "n.seq" };
  const [way = all] = counted.sort((a, b) => a.count - b.count);
  const { from, where, order } = way;
  return seqs(
    db,
    `SELECT n.seq FROM ${from} WHERE ${where} ORDER BY ${order} DESC LIMIT @limit`,
    values,
  );
}

/** The note that is asked for by its whole key. */
const named = (db: Db, key: string, { sql, values }: Filter): number[] =>
  seqs(db, `SELECT n.seq FROM notes n INDEXED BY notes_current WHERE n.key = @key AND ${sql}`, {
    ...values,
    key,
  });

/** FTS5's operators in a text mean nothing. */
function wordsOf(db: Db, text: string): Word[] {
  const found = [...new Set(text.match(/[\p{L}\p{N}_]+/gu) ?? [])].slice(0, WORDS);
  const count = counter(db, "notes_fts", "notes_fts MATCH ?");
  const words = found.map((word) => {
    const exact = `"${word}"`;
    const hits = count(exact);
    if (hits > COMMON || word.length < 3) return { any: exact, rank: exact, hits };
    const begins = `${exact}*`;
    const all = count(begins);
    return all > COMMON && hits > 0
      ? { any: begins, rank: exact, hits }
      : { any: begins, rank: begins, hits: all };
  });
  const rare = words.filter(({ hits }) => hits > 0 && hits <= COMMON);
  const ranking = rare.sort((a, b) => a.hits - b.hits).slice(0, RANKING);
  return words.map((word) => ({
    any: word.any,
    rank: ranking.includes(word) ? word.rank : undefined,
  }));
}

/**
 * A key counts most. bm25 is below zero, the best one lowest; importance stretches it. Only words
 * in `ranks` are counted, for bm25 looks at every note that has one. `within` are words to have.
 * The plus keeps FTS5 from asking anew for each of these notes.
 */
function byRank(db: Db, { sql, values }: Filter, ranks: string, within?: string): number[] {
  const fits = "+f.rowid IN (SELECT rowid FROM notes_fts WHERE notes_fts MATCH @within) AND";
  return seqs(
    db,
    `SELECT seq FROM (
       SELECT n.seq, n.importance, bm25(notes_fts, 8.0, 4.0, 1.0) AS score
       FROM notes_fts f CROSS JOIN notes n INDEXED BY notes_found ON n.seq = f.rowid
       WHERE notes_fts MATCH @ranks AND ${within === undefined ? "" : fits} ${sql}
       ORDER BY f.rowid DESC LIMIT ${RANKED}
     ) ORDER BY score * (0.7 + 0.1 * importance), seq DESC LIMIT @limit`,
    { ...values, ranks, within: within ?? null },
  );
}

/** Matches of words by which none can be ranked: the important ones, then the newest. */
function byAge(db: Db, { sql, values }: Filter, words: string, tags: readonly string[]): number[] {
  const phrases = tags.map((tag) => tag.match(/[\p{L}\p{N}]+/gu)?.join(" ")).filter(Boolean);
  const tagged = phrases.map((phrase) => ` AND tags : "${phrase}"`).join("");
  return seqs(
    db,
    `SELECT n.seq FROM (
       SELECT rowid AS seq FROM notes_fts
       WHERE notes_fts MATCH @match ORDER BY rowid DESC LIMIT ${LOOKED_AT}
     ) f CROSS JOIN notes n INDEXED BY notes_found ON n.seq = f.seq
     WHERE ${sql} ORDER BY n.importance DESC, n.seq DESC LIMIT @limit`,
    { ...values, match: `(${words})${tagged}` },
  );
}
