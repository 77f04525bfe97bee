import { initProject, type Project } from "../../adapters/project.ts";
import { isEmpty } from "../../adapters/sqlite/database.ts";
import { newestGood } from "../../adapters/sqlite/inspect.ts";
import type { Context } from "../context.ts";
import { restoreStore } from "./backups.ts";
import { refuseLost } from "./lost.ts";

export interface Made {
  project: Project;
  /** Whether it had no settings before. */
  isNew: boolean;
  /** What was put back, where its store was lost and a backup is kept; `force` begins anew. */
  restored: string | undefined;
}

/** Makes the project of a folder, or finds it made. `known` hears where it is, before its store opens. */
export async function initHere(
  context: Context,
  folder: string,
  { name, force }: { name: string | undefined; force: boolean },
  known: (project: Project) => void,
): Promise<Made> {
  const isLost = ({ database }: Project) => !force && isEmpty(database);
  const made = initProject(folder, name, force, (ready) => {
    known(ready);
    if (isLost(ready) && newestGood(ready.database)) return;
    if (!force) refuseLost(folder);
    void context.store;
  });
  const restored = isLost(made) ? await restoreStore(context) : undefined;
  if (made.isNew || force) {
    const { ordersOf, trust } = await import("../../adapters/trust.ts");
    const own = ordersOf(made).filter(({ name }) => name === ".overture/config.yaml");
    trust(made, own);
  }
  await context.config();
  return { project: made, isNew: made.isNew, restored };
}
