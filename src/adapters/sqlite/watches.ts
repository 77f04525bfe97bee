import type { Goal } from "../../domain/goal.ts";
import { SYSTEM } from "../../domain/name.ts";
import type { WatchStore } from "../../ports/store.ts";
import { atomic, type MailTools, type Post } from "./mail.ts";

interface Row {
  agent: string;
  goal: Goal;
  subscriber: string;
  since: number;
}

export function watchStore({ db, now, log }: MailTools, post: Post): WatchStore {
  const all = db.prepare(
    `SELECT agent, goal, subscriber, created_at AS since FROM subscriptions
     ORDER BY created_at, agent`,
  );
  return {
    add: (agent, goal, subscriber) =>
      db
        .prepare("INSERT OR IGNORE INTO subscriptions VALUES (?, ?, ?, ?)")
        .run(agent, goal, subscriber, now()).changes > 0,
    list: () => all.all() as Row[],
    fire: atomic(db)(({ agent, goal, subscriber }, subject: string, body: string) => {
      const gone = db
        .prepare("DELETE FROM subscriptions WHERE agent = ? AND goal = ? AND subscriber = ?")
        .run(agent, goal, subscriber);
      if (gone.changes === 0) return false;
      log("watch.fired", { agent, data: { goal, subscriber } });
      const draft = { sender: SYSTEM, address: subscriber, type: "status" as const, subject, body };
      post({ ...draft, payload: null, priority: "normal", wake: true }, [subscriber]);
      return true;
    }),
  };
}
