import { existsSync } from "node:fs";
import { findProject, markers, type Project, projectAt } from "../../adapters/project.ts";
import { backupsOf } from "../../adapters/sqlite/backups.ts";
import { isEmpty } from "../../adapters/sqlite/database.ts";
import { openStore } from "../../adapters/sqlite/store.ts";
import { lostTeam } from "../../adapters/stray-team.ts";
import type { Trail } from "../../domain/caller.ts";
import { AppError } from "../../domain/errors.ts";
import type { Store } from "../../ports/store.ts";
import { now } from "./clock.ts";

/** The project of a folder; where there is none, but agents of one live, that is said. */
export function knownProject(folder: string, named: string | undefined): Project {
  try {
    return findProject(folder, named);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw lostTeam(named ?? folder) ?? error;
  }
}

/** Throws `refused` rather than let an empty store be made beside a team that lives. */
export function refuseLost(folder: string): void {
  const lost = existsSync(projectAt(folder).database) ? undefined : lostTeam(folder);
  if (lost) throw lost;
}

/** An empty store beside its own backup would hide that it is lost. */
function refuseBackedUp(root: string, database: string): void {
  const [newest] = backupsOf(database);
  if (!newest) return;
  const made = new Date(newest.at).toISOString();
  throw new AppError(
    "refused",
    `the store of ${root} is gone; a backup of ${made} is kept`,
    "put it back: ov doctor --fix; or begin with an empty one: ov init --force",
  );
}

/** `anew`: an empty store is wanted, whoever lives. A hook makes none. */
export function openKnown(
  { root, home, database }: Project,
  anew: boolean,
  isHook: boolean,
  trail: () => Trail,
): Store {
  if (!anew && !isHook && isEmpty(database)) {
    refuseBackedUp(root, database);
    refuseLost(root);
  }
  return openStore(database, { now, marker: markers(home), isHook, anew, trail });
}

/** Nobody is told of a success that went into a file which is not the project's store any more. */
export function refuseReplaced({ root }: Project, store: Store): void {
  if (!store.isGone()) return;
  const message = `the store of ${root} was removed or replaced meanwhile: nothing of this is kept`;
  throw new AppError("refused", message, "look: ov doctor");
}
