import { existsSync } from "node:fs";
import { findProject, type Project } from "../../adapters/project.ts";
import { lostTeam } from "../../adapters/stray-team.ts";
import { AppError } from "../../domain/errors.ts";

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
export function refuseLost(folder: string, database: string): void {
  const lost = existsSync(database) ? undefined : lostTeam(folder);
  if (lost) throw lost;
}
