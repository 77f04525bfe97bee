import { formatAge } from "../../domain/duration.ts";
import {
  fails,
  formatBytes,
  healthy,
  type Look,
  mends,
  type Problem,
  warns,
} from "../../domain/finding.ts";
import { shellWord } from "../../domain/text.ts";
import type { LeaseRow, Restorable, StoreReport } from "../../ports/doctor.ts";
import type { Check, ProjectTools, StoreTools } from "./tools.ts";

/** SQLite moves the log into the database at 4 MB, unless a reader is in the way all the time. */
const WAL_MAX = 32_000_000;

export const storeFile: readonly Check[] = [
  {
    id: "store-file",
    needs: "project",
    look: file,
    fix({ makeStore, goBack, restore }, { about }) {
      if (about === RESTORE) return restore();
      if (about === GO_BACK) return `the newer store is now ${goBack()}`;
      makeStore();
      return "made an empty store";
    },
  },
  { id: "store-backups", needs: "project", look: backups },
  { id: "store-references", needs: "project", look: references },
  {
    id: "store-modes",
    needs: "project",
    look: modes,
    fix({ files }, { about }) {
      const row = files.modes().find(({ path }) => path === about);
      if (row) files.setMode(about, row.mode & row.wanted);
      return `${about} is for you alone`;
    },
  },
  {
    id: "store-wal",
    needs: "store",
    look: wal,
    fix({ ledger }) {
      ledger.checkpoint();
      return "moved the log into the database";
    },
  },
  {
    id: "leases",
    needs: "store",
    look: leases,
    fix(tools, { about }) {
      for (const row of gone(tools)) if (row.name === about) tools.ledger.dropLease(row);
      return `${about} is free`;
    },
  },
];

function file({ report, database, lostTeam }: ProjectTools): Look {
  const found = report();
  if (found.ahead) return { said: "", problems: [behind(found.ahead, database)] };
  if (found.state === "ok") return healthy(`schema ${found.version}, intact`);
  const backup = BACKED_UP.includes(found.state) ? found.restorable?.() : undefined;
  if (backup) return { said: "", problems: [lost(found, backup, database)] };
  const isGone = found.state === "missing" || found.state === "empty";
  const team = isGone ? lostTeam() : undefined;
  if (team) {
    const evidence = `${database} is not there`;
    const words = { what: team.message, evidence, fix: team.hint ?? "" };
    return { said: "", problems: [fails(words)] };
  }
  return { said: "", problems: [unwell(found, database)] };
}

const GO_BACK = "go back";
const RESTORE = "restore";
/** What a backup helps against. */
const BACKED_UP = ["missing", "empty", "broken"];

function lost({ state, detail }: StoreReport, backup: Restorable, database: string): Problem {
  const { path, messages } = backup;
  const at = new Date(backup.at).toISOString();
  return mends("fail", {
    what: `the store is ${state}; a backup of ${at} is kept`,
    evidence: `${database}: ${detail || "no such file"}; ${path} is whole and has ${messages} messages`,
    fix: `ov doctor --fix puts it back; what was stored since ${at} is lost`,
    about: RESTORE,
  });
}

/** As after somebody copied the file back. What was stored into it since is kept beside. */
function behind({ at, path, messages }: Restorable, database: string): Problem {
  const made = new Date(at).toISOString();
  return mends("fail", {
    what: `an older copy stands in the place of the store: its backup of ${made} knows more`,
    evidence: `${database}; ${path} is whole and has ${messages} messages`,
    fix: "ov doctor --fix puts that backup in its place, and keeps the copy in .overture/broken",
    about: RESTORE,
  });
}

/** A store that was changed, and whose newest backup is older than this. */
const OLD_MS = 24 * 60 * 60_000;

function backups({ backups: kept, now }: ProjectTools): Look {
  const found = kept();
  if (!found) return healthy("none yet: ov up makes them, or ov doctor --backup");
  const age = now() - found.at;
  const said = `the newest is ${formatAge(age)} old; ${found.count} in ${found.folder}`;
  if (age < OLD_MS) return healthy(said);
  const words = { what: "the store has no new backup", evidence: said, fix: "ov doctor --backup" };
  return { said, problems: [warns(words)] };
}

/** The store of a newer Overture: either that one comes back, or what was stored since is left. */
function newer({ version, known, before }: StoreReport, database: string): Problem {
  const evidence = `${database}: schema ${version}, this one knows ${known}`;
  const update = "update Overture: ov --version --verbose says how";
  const words = { what: "a newer Overture wrote the store; nothing was changed in it", evidence };
  if (!before) return fails({ ...words, fix: update });
  const { at, schema, lacks, path, owners } = before;
  const copy = `${path}, schema ${schema}, made ${new Date(at).toISOString()}`;
  const held = `${evidence}; a copy from before: ${copy}`;
  if (owners.length > 0) {
    const pids = owners.map((owner) => Number.parseInt(owner, 10)).join(", ");
    const fix = `${update}; or end what runs of the newer one (process ${pids}), then go back with --fix`;
    return fails({ ...words, evidence: held, fix });
  }
  const left = lacks === 1 ? "1 message that was" : `${lacks} messages that were`;
  const fix = `${update}; or go back: ov doctor --fix puts the copy in its place, without ${left} stored since (they stay in the newer file, beside the copy)`;
  return mends("fail", { ...words, evidence: held, fix, about: GO_BACK });
}

function unwell(report: StoreReport, database: string): Problem {
  const { state, detail, fix: byDisk } = report;
  if (state === "missing" || state === "empty") {
    return mends("warn", {
      what: state === "missing" ? "there is no store" : "the store is empty",
      evidence: `${database}: ${detail || "no such file"}; a letter that was in it is lost`,
      fix: "ov doctor --fix makes an empty one, as any ov call does",
    });
  }
  if (state === "newer") return newer(report, database);
  const evidence = `${database}: ${detail}`;
  if (state === "unreadable") {
    const fix = byDisk || "try again in a moment";
    return fails({ what: "the store cannot be read and written now", evidence, fix });
  }
  return fails({
    what: "the store is broken; nothing was changed in it",
    evidence,
    fix: aside(database),
  });
}

/** What to type, what may be saved, and what is lost. */
function aside(database: string): string {
  const folder = `${database.slice(0, database.lastIndexOf("/"))}/broken`;
  const away = `mkdir -p ${shellWord(folder)} && mv ${shellWord(database)}* ${shellWord(folder)}/`;
  const old = shellWord(`${folder}/overture.db`);
  return [
    "end what runs, then move it aside; the next ov call makes an empty one:",
    `  ${away}`,
    `What SQLite can still read of it: sqlite3 ${old} .recover | sqlite3 ${shellWord(database)}`,
    "Else its letters, names, notes and log are lost. Worktrees, branches, settings and",
    ".overture/agents/*/ with checkpoints stay.",
  ].join("\n");
}

function references({ report }: ProjectTools): Look {
  const { references: found, state } = report();
  if (state !== "ok" || found.length === 0) return healthy();
  return {
    said: "",
    problems: [
      fails({
        what: "rows of the store refer to rows that are not there",
        evidence: found.join("; "),
        fix: "another program wrote to it: take back a copy of .overture/overture.db",
      }),
    ],
  };
}

function modes({ files }: ProjectTools): Look {
  const problems = files.modes().map(({ path, mode, wanted, foreign }) =>
    foreign
      ? fails({
          what: `${path} belongs to another user`,
          evidence: "as after an ov with sudo",
          fix: `sudo chown "$(id -un)" ${shellWord(path)}`,
          about: path,
        })
      : mends("warn", {
          what: `others on this machine may read ${path}`,
          evidence: `mode ${mode.toString(8)}, not ${wanted.toString(8)}`,
          fix: `ov doctor --fix, or: chmod ${wanted.toString(8)} ${shellWord(path)}`,
          about: path,
        }),
  );
  return { said: "", problems };
}

function wal({ files, database }: StoreTools): Look {
  const { wal: bytes } = files.sizes();
  if (bytes <= WAL_MAX) return healthy();
  return {
    said: "",
    problems: [
      mends("warn", {
        what: "the store's log was not moved into it for long, which makes reading slow",
        evidence: `${database}-wal: ${formatBytes(bytes)}`,
        fix: "ov doctor --fix moves it",
      }),
    ],
  };
}

/** The process of a lease is in its owner; a lease of a process that has ended keeps others out. */
const gone = ({ ledger, isAlive }: StoreTools): LeaseRow[] =>
  ledger.leases().filter(({ owner }) => !isAlive(Number.parseInt(owner, 10)));

function leases(tools: StoreTools): Look {
  const { now } = tools;
  const problems = gone(tools).map(({ name, owner, until }) => {
    const left = until - now();
    const when = left > 0 ? `for another ${formatAge(left)}` : `until ${formatAge(-left)} ago`;
    return mends("warn", {
      what: `${name} is held by a process that has ended`,
      evidence: `process ${Number.parseInt(owner, 10)} took it ${when}`,
      fix: "ov doctor --fix frees it",
      about: name,
    });
  });
  return { said: "", problems };
}
