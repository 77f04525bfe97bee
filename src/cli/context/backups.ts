import { existsSync } from "node:fs";
import { backUp, backupsOf, keepOnly } from "../../adapters/sqlite/backups.ts";
import { openReadOnly } from "../../adapters/sqlite/database.ts";
import { isBehind, restore } from "../../adapters/sqlite/inspect.ts";
import { AppError } from "../../domain/errors.ts";
import type { Backups } from "../../ports/backups.ts";
import { settleRestored } from "../../usecases/settle-restored.ts";
import type { Context } from "../context.ts";
import { now } from "./clock.ts";

export function backups(database: string): Backups {
  return {
    newest: () => backupsOf(database)[0],
    async make() {
      if (!existsSync(database)) {
        throw new AppError("not_found", `there is no store at ${database}`, "ov doctor");
      }
      const reader = openReadOnly(database);
      try {
        // Its backups would be taken for newer ones than those of the store that it replaced.
        if (isBehind(database, reader)) {
          const message = "an older copy stands in the place of the store, and is not backed up";
          throw new AppError("refused", message, "ov doctor");
        }
        return await backUp(reader, database, now());
      } finally {
        reader.close();
      }
    },
    keepOnly: (backup) => keepOnly(backup, database),
  };
}

/** Puts the newest backup in the place of a store that is lost or broken; says what is lost. */
export async function restoreStore(context: Context): Promise<string> {
  const { backup, aside } = restore(context.project.database, now());
  const { at, messages, path } = backup;
  const made = new Date(at).toISOString();
  const { store } = context;
  store.events.add("store.restored", { data: { backup: path, at: made } });
  const tools = { store, now, ...(await context.proofs()) };
  const given = await settleRestored(tools);
  const lines = [
    `put back the backup of ${made} with its messages (${messages}); what was stored since is lost`,
    ...(given > 0 ? [`${given} that were given since are not given again`] : []),
    ...(aside === undefined ? [] : [`what was there is now ${aside}`]),
  ];
  return lines.join("; ");
}
