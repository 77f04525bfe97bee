import { statSync } from "node:fs";
import { join } from "node:path";
import type { OldProcess } from "../../ports/doctor.ts";
import { readIfThere } from "../files.ts";
import { run } from "../process.ts";
import { processesIn } from "../workers.ts";

/** How Overture is called: the folder of its installation, before `dist`. */
const PROGRAM = /(\/\S+)\/dist\/(?:main\.mjs|mail(?:-\w+)?\.cjs) (.*)/;

/**
 * Processes of Overture that work in this project by another program than the one in `home`, or by
 * one that was replaced since they started. `pids`: those that are known to work for it; on Linux
 * every process whose folder is in the project is looked at too.
 */
export async function oldProcesses(
  { root, home }: { root: string; home: string },
  pids: readonly number[],
): Promise<OldProcess[]> {
  const all = [...new Set([...pids, ...processesIn(root)])].filter((pid) => pid !== process.pid);
  if (all.length === 0) return [];
  const env = { LC_ALL: "C", TZ: "UTC" };
  const words = ["-ww", "-o", "pid=,lstart=,args=", "-p", all.join(",")];
  const { stdout } = await run("ps", words, { env, okCodes: "any" });
  return stdout.split("\n").flatMap((line) => {
    // 4711 Fri Nov 27 02:40:00 2026 node /opt/overture/dist/main.mjs watch
    const [, pid, started, args = ""] =
      /^\s*(\d+)\s+(\S+ \S+\s+\d+ \S+ \d{4})\s+(.*)/.exec(line) ?? [];
    const [, folder, verb = ""] = PROGRAM.exec(args) ?? [];
    if (!pid || !folder) return [];
    const why = outdated(folder, Date.parse(`${started} UTC`), home);
    return why ? [{ pid: Number(pid), verb, why }] : [];
  });
}

function outdated(folder: string, started: number, home: string): string | undefined {
  const changed = (of: string) =>
    statSync(join(of, "dist", "main.mjs"), { throwIfNoEntry: false })?.mtimeMs;
  const at = changed(folder);
  if (at === undefined) return `its program ${folder} is gone`;
  // ps tells whole seconds.
  if (started + 1_000 < at) return "its program was updated since it started";
  const text = (of: string) => readIfThere(join(of, "dist", "main.mjs"));
  return text(folder) === text(home) ? undefined : `it is another Overture, in ${folder}`;
}
