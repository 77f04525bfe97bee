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
function stray({ strayHooks }: ProjectTools): Look {
  const others = strayHooks().filter(({ own }) => !own);
  const problems = others.map(({ where, program, there }) =>
    mends("warn", {
      what: `hooks of another ov are in ${where}`,
      evidence: `they call ${program}, ${there ? "another installation" : "which is not there"}`,
      fix: "ov doctor --fix takes them out, and keeps a copy",
      about: where,
    }),
  );
  return { said: "", problems };
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
  const slow = loud.filter(({ ms, wrong }) => wrong === undefined && ms > SLOW_MS);
  const failed = loud.filter((trial) => trial.wrong !== undefined);
  const problems = [
    ...failed.map((trial) => doesNot("bring a letter", trial, "fail")),
    ...slow.map((trial) => doesNot("answer soon", { ...trial, wrong: `${trial.ms} ms` }, "warn")),
  ];
  return { said: loud.length ? `${loud.length} bring their letter` : "", problems };
}

async function silent({ hooks: fire }: ConfigTools): Promise<Look> {
  const bad = (await fire()).silent.filter(({ wrong }) => wrong !== undefined);
  return { said: "", problems: bad.map((trial) => doesNot("stay silent", trial, "warn")) };
}

function doesNot(
  do_: string,
  { runtime, event, command, wrong }: HookTrial,
  level: "fail" | "warn",
) {
  const say = level === "fail" ? fails : warns;
  return say({
    what: `the ${event} hook of ${runtime} does not ${do_}`,
    evidence: `${wrong}`,
    fix: `try it: ${command} </dev/null`,
  });
}
