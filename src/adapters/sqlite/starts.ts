import type { Made } from "../../domain/start.ts";
import type { StartStore } from "../../ports/store.ts";
import type { Db } from "./database.ts";

export function startStore(db: Db): StartStore {
  return {
    put(made, owner) {
      db.prepare(
        `INSERT INTO starts (agent, owner, made) VALUES (?, ?, ?)
         ON CONFLICT (agent) DO UPDATE SET owner = excluded.owner, made = excluded.made`,
      ).run(made.agent, owner, JSON.stringify(made));
    },
    list: () => {
      const rows = db.prepare("SELECT owner, made FROM starts ORDER BY agent").all();
      return (rows as { owner: string; made: string }[]).map(({ owner, made }) => ({
        owner,
        made: JSON.parse(made) as Made,
      }));
    },
    remove(agent) {
      db.prepare("DELETE FROM starts WHERE agent = ?").run(agent);
    },
  };
}
