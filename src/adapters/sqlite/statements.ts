import type { Db } from "./open.ts";

/**
 * Keeps what is prepared more than once: SQLite takes longer to prepare most of our statements than
 * to run them. The first of a text is its caller's own, who may hold it in a mode of its own
 * (`pluck`); those that follow are one, in no mode.
 */
export function keepStatements(db: Db): void {
  const prepare = db.prepare.bind(db) as (sql: string) => ReturnType<Db["prepare"]>;
  const once = new Set<string>();
  const kept = new Map<string, ReturnType<Db["prepare"]>>();
  const prepareOnce = (sql: string) => {
    const known = kept.get(sql);
    if (known && !known.busy) return known.reader ? known.pluck(false).raw(false) : known;
    const fresh = prepare(sql);
    if (once.has(sql)) kept.set(sql, fresh);
    once.add(sql);
    return fresh;
  };
  db.prepare = prepareOnce as Db["prepare"];
}
