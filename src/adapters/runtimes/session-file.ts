import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentState, Fact } from "../../domain/state.ts";
import { listIfThere } from "../files.ts";

export interface SessionFile {
  fact: Fact;
  sessionId: string | undefined;
  cwd: string | undefined;
  /** All that is in the file. */
  value: Readonly<Record<string, unknown>>;
  /** Its state is no word to others (scripted agent). */
  untold: boolean;
}

const STATES: Record<string, AgentState> = {
  starting: "starting",
  idle: "idle",
  busy: "busy",
  waiting: "waiting",
};

/**
 * `<home>/sessions/<pid>.json`, which Claude Code (2.1.329) and the scripted agent keep: status
 * `idle`, `busy` or `waiting` with `waitingFor`. It is missing until trust is answered and has no
 * status for the first 60–300 ms. With a first prompt it says `idle` for about 100 ms before
 * `busy`. It survives SIGKILL: the caller asks whether the pid lives.
 */
export function readSessionFile(home: string, pid: number): SessionFile | undefined {
  return readStateFile(join(home, "sessions", `${pid}.json`));
}

/** The same form in any file. */
export function readStateFile(path: string): SessionFile | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A file that is being written parses next time.
    if (code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const text = (key: string) => (typeof value[key] === "string" ? value[key] : undefined);
  const status = text("status");
  const reason = text("waitingFor");
  const at = value.statusUpdatedAt ?? value.updatedAt;
  return {
    fact: {
      source: "runtime",
      state: STATES[status ?? ""] ?? "starting",
      detail: `status ${status ?? "not written yet"}${reason ? `: ${reason}` : ""}`,
      at: typeof at === "number" ? at : Date.now(),
    },
    sessionId: text("sessionId"),
    cwd: text("cwd"),
    value,
    untold: value.untold === true,
  };
}

/** Claude Code 2.1.329 cuts a longer folder's name here, and adds `-` and a hash of its own. */
const FOLDER_MAX = 200;

/**
 * `<home>/projects/<folder>/<session>.jsonl`: every character but letters and digits is `-`. Of a
 * folder whose name was cut the file itself is looked for; undefined while it is not there.
 */
export function transcriptPath(home: string, cwd: string, sessionId: string): string | undefined {
  const projects = join(home, "projects");
  const flat = cwd.replace(/[^A-Za-z0-9]/g, "-");
  if (flat.length <= FOLDER_MAX) return join(projects, flat, `${sessionId}.jsonl`);
  const begin = `${flat.slice(0, FOLDER_MAX)}-`;
  return listIfThere(projects)
    .filter((name) => name.startsWith(begin))
    .map((name) => join(projects, name, `${sessionId}.jsonl`))
    .find((path) => existsSync(path));
}
