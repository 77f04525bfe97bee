import { fails, type Look, mends, type Problem, warns } from "../../domain/finding.ts";
import type { HookFile, HookTrial } from "../../ports/doctor.ts";
import type { Check, ConfigTools, ProjectTools, StoreTools } from "./tools.ts";

/** A hook has five seconds, and an agent waits for it that long. */
const SLOW_MS = 2_500;

export const hooks: readonly Check[] = [
  {
    id: "hooks-installed",
    needs: "project",
    look: installed,
    fix: ({ installHooks }, { about }) => installHooks(about),
  },
  {
    id: "hooks-stray",
    needs: "project",
    look: stray,
    async fix({ removeHooks }, { about }) {
      const copy = await removeHooks(about);
      return `took our entries out of ${about}; the old file is ${copy}`;
    },
  },
  { id: "hooks-old", needs: "project", look: old },
  { id: "hooks-log", needs: "project", look: log },
  { id: "hooks-sessions", needs: "store", look: sessions },
  { id: "hooks-work", needs: "config", look: work },
  { id: "hooks-silent", needs: "config", look: silent },
];

/** Your own sessions have hooks by choice; an install that is there is whole and of this program. */
async function installed({ hookFiles }: ProjectTools): Promise<Look> {
  const files = (await hookFiles()).filter((file) => file.commands.length > 0 || file.unreadable);
  const said = files.map(({ runtime }) => `installed for ${runtime}`).join(", ");
  return { said: said || "not installed for your own sessions", problems: files.flatMap(wrong) };
}

function wrong(file: HookFile): Problem[] {
  const { runtime, path, unreadable, missing, outdated, commands } = file;
  if (unreadable !== undefined) {
    const what = `the settings of ${runtime} cannot be read`;
    return [warns({ what, evidence: `${path}: ${unreadable}`, fix: `repair ${path}` })];
  }
  if (missing.length === 0 && !outdated) return [];
  const fix = `ov doctor --fix, or: ov hooks install --runtime ${runtime}`;
  const about = runtime;
  if (missing.length > 0) {
    const what = `hooks of ours are missing in the settings of ${runtime}`;
    return [mends("fail", { what, evidence: `${path}: ${missing.join(", ")}`, fix, about })];
  }
  const what = `the hooks in the settings of ${runtime} are not those of this ov`;
  return [mends("fail", { what, evidence: `${path}: ${commands[0]}`, fix, about })];
}

/** Entries of another checkout run beside ours, or fail at each event. */
function stray({ root, strayHooks }: ProjectTools): Look {
  const others = strayHooks().filter(({ own }) => !own);
  const problems = others.map(({ where, program, there }) => {
    const what = `hooks of another ov are in ${where}`;
    const evidence = `they call ${program}, ${there ? "another installation" : "which is not there"}`;
    // Settings outside of the project are a person's own: they are told, and not touched.
    if (!where.startsWith(`${root}/`)) {
      return warns({ what, evidence, fix: "take out its entries that end in # overture" });
    }
    const fix = "ov doctor --fix takes them out, and keeps a copy";
    return mends("warn", { what, evidence, fix, about: where });
  });
  return { said: "", problems };
}

/** Hooks of Overstory find our `ov` and do no harm; ours bring the mail, so they are not needed. */
function old({ oldHooks, overstory }: ProjectTools): Look {
  const problems = oldHooks().map(({ path, lines }) =>
    warns({
      what: `hooks of Overstory are in ${path}`,
      evidence: lines.join("\n"),
      fix: `take these lines out of ${path}; ov hooks install writes ours`,
      about: path,
    }),
  );
  const before = overstory();
  if (!before) return { said: "", problems };
  const { folder, command } = before;
  const what = "this was an Overstory project; Overture has a store of its own";
  const fix = command ?? `keep ${folder} for as long as you look things up there`;
  return { said: "", problems: [...problems, warns({ what, evidence: folder, fix })] };
}

function log({ hookLog }: ProjectTools): Look {
  const { path, lines } = hookLog();
  const last = lines.at(-1);
  if (last === undefined) return { said: "", problems: [] };
  const times = lines.length === 1 ? "once" : `${lines.length} times`;
  const what = `hooks failed ${times} in the last day`;
  const fix = `read ${path}: each line is one call that gave its agent nothing`;
  return { said: "", problems: [warns({ what, evidence: last, fix })] };
}

/** A session keeps the path with which it was started. */
function sessions({ sessionHooks, store }: StoreTools): Look {
  const gone = sessionHooks().filter(({ there }) => !there);
  const problems = gone.map(({ where, program }) => {
    const task = store.agents.get(where)?.task ?? "<task>";
    return fails({
      what: `the hooks of ${where} cannot run: no letter reaches it`,
      evidence: `they call ${program}, which is not there any more`,
      fix: `ov stop ${where} && ov sling ${task} --name ${where} --recover`,
      about: where,
    });
  });
  return { said: "", problems };
}

async function work({ hooks: fire }: ConfigTools): Promise<Look> {
  const { loud } = await fire();
  const failed = loud.filter(({ wrong }) => wrong !== undefined);
  const slow = loud.filter(({ ms, wrong }) => wrong === undefined && ms > SLOW_MS);
  const late = slow.map((trial) => ({ ...trial, wrong: `it took more than ${SLOW_MS} ms` }));
  const problems = [
    ...together(failed).map((trials) => doNot("bring a letter", trials, fails)),
    ...together(late).map((trials) => doNot("answer soon", trials, warns)),
  ];
  const good = loud.length - failed.length;
  return { said: good > 0 ? `${good} bring their letter` : "", problems };
}

async function silent({ hooks: fire }: ConfigTools): Promise<Look> {
  const bad = (await fire()).silent.filter(({ wrong }) => wrong !== undefined);
  const problems = together(bad).map((trials) => doNot("stay silent", trials, warns));
  return { said: "", problems };
}

/** What a runtime's hooks do wrong in the same way is told once. */
function together(trials: readonly HookTrial[]): HookTrial[][] {
  const groups = new Map<string, HookTrial[]>();
  for (const trial of trials) {
    const key = `${trial.runtime} ${trial.wrong}`;
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  return [...groups.values()];
}

function doNot(wanted: string, trials: readonly HookTrial[], say: typeof fails): Problem {
  const [{ runtime, command, wrong }] = trials as [HookTrial];
  const events = trials.map(({ event }) => event).join(", ");
  return say({
    what: `hooks of ${runtime} do not ${wanted}: ${events}`,
    evidence: `${wrong}`,
    fix: `try it: ${command} </dev/null`,
  });
}
