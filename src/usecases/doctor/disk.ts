import { fails, formatBytes, type Look, mends, type Problem, warns } from "../../domain/finding.ts";
import type { Check, ProjectTools } from "./tools.ts";

const LITTLE = 1_000_000_000;
/** SQLite refuses a commit on a full disk; then a send fails, and says so. */
const NONE = 100_000_000;
const LOG_MAX = 50_000_000;
const ALL_MAX = 2_000_000_000;

export const disk: readonly Check[] = [
  { id: "disk-free", needs: "project", look: free },
  {
    id: "disk-used",
    needs: "project",
    look: used,
    fix({ files }, { about }) {
      files.cutLog(about);
      return `kept the end of ${about}`;
    },
  },
];

function free({ files, database }: ProjectTools): Look {
  return judgeFree(files.sizes().free, database);
}

/** Bytes that are left where the store stands. */
export function judgeFree(bytes: number, database: string): Look {
  const said = `${formatBytes(bytes)} free`;
  if (bytes >= LITTLE) return { said, problems: [] };
  const say = bytes < NONE ? fails : warns;
  const what = "there is little space left where the store stands";
  const fix = "make room: ov worktree clean; ov mail purge --days 30";
  return { said, problems: [say({ what, evidence: `${said} at ${database}`, fix })] };
}

function used({ files }: ProjectTools): Look {
  const { all, store, logs } = files.sizes();
  const problems: Problem[] = logs
    .filter(({ bytes }) => bytes > LOG_MAX)
    .map(({ path, bytes }) =>
      mends("warn", {
        what: "a log is large",
        evidence: `${path}: ${formatBytes(bytes)}`,
        fix: "ov doctor --fix keeps its end",
        about: path,
      }),
    );
  if (all > ALL_MAX) {
    const evidence = `${formatBytes(all)} without the worktrees; the store has ${formatBytes(store)}`;
    const fix = "ov mail purge --days 30; look: du -sh .overture/*";
    problems.push(warns({ what: ".overture is large", evidence, fix }));
  }
  return { said: `.overture ${formatBytes(all)}`, problems };
}
