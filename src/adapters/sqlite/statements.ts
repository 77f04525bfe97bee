import type { Db } from "./open.ts";

/**
 * Makes `db.prepare` return the same statement for the same SQL: SQLite takes longer to prepare most
 * of our statements than to run them. The first call for a text gets a statement of its own, because
 * some callers keep theirs and set a mode on it (`pluck`). All later calls share one, whose modes are
 * reset each time.
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
