import { nearest } from "../../domain/errors.ts";
import { fails, healthy, type Look, type Problem, warns } from "../../domain/finding.ts";
import { gateVariables, looksSecret, someOf } from "../../domain/gate.ts";
import { sayRetention } from "../../domain/retention.ts";
import { ROLE_ALIASES } from "../../domain/role.ts";
import type { Check, ConfigTools, MachineTools, ProjectTools, StoreTools } from "./tools.ts";

export const config: readonly Check[] = [
  { id: "project", needs: "machine", look: project },
  { id: "settings", needs: "project", look: settings },
  { id: "settings-runtime", needs: "config", look: runtime },
  { id: "settings-merge", needs: "config", look: merge },
  { id: "settings-gates", needs: "config", look: gates },
  { id: "settings-notify", needs: "config", look: notify },
  {
    id: "settings-retention",
    needs: "config",
    look: ({ config: { retention } }) => healthy(sayRetention(retention)),
  },
  { id: "roles", needs: "store", look: roles },
];

const one = (problem: Problem | undefined): Look => ({
  said: "",
  problems: problem ? [problem] : [],
});

function project({ noProject }: MachineTools): Look {
  if (!noProject) return healthy();
  const { message, hint = "ov init", kind } = noProject;
  const say = kind === "not_found" ? warns : fails;
  return one(
    say({
      what: message,
      evidence: "only the machine was looked at",
      fix: hint.replace(/^run: /, ""),
    }),
  );
}

/** Unknown fields and wrong values are named by the same rules as for every other verb. */
function settings({ badConfig, root }: ProjectTools): Look {
  if (!badConfig) return healthy("settings read");
  const { message, hint } = badConfig;
  const what = "the settings are wrong: what needs them is refused";
  return one(
    fails({ what, evidence: message, fix: `edit ${root}/.overture/config.yaml; ${hint}` }),
  );
}

function runtime({ runtimes, known, config: { runtimes: described } }: ConfigTools): Look {
  const unknown = runtimes.filter(({ kind }) => kind === undefined);
  const problems = unknown.map(({ name, isDefault }) => {
    const near = nearest(name, known);
    const evidence = `known: ${known.join(", ")}`;
    const fix = near ? `did you mean ${near}?` : "correct it, or describe it: docs/adopt.md";
    if (isDefault) return fails({ what: `there is no runtime "${name}"`, evidence, fix });
    const where = described[name] ? `runtimes.${name} has no effect` : "an agent has it";
    return warns({ what: `there is no runtime "${name}": ${where}`, evidence, fix });
  });
  return { said: "", problems };
}

async function merge({ config: { merge: wanted }, hasBranch }: ConfigTools): Promise<Look> {
  const { into } = wanted;
  if (into === undefined || (await hasBranch(into))) return healthy();
  return one(
    fails({
      what: `merge.into names no branch: ov merge is refused`,
      evidence: `there is no branch ${into}`,
      fix: `git branch ${into}, or correct merge.into`,
    }),
  );
}

/** Nothing is wrong: it tells whoever had gates before `merge.env` what these no longer get. */
function gates({ config: { merge: wanted }, caller }: ConfigTools): Look {
  if (wanted.gates.length === 0 || wanted.env !== undefined) return healthy();
  const keys = gateVariables(caller).withheld.filter(looksSecret);
  if (keys.length === 0) return healthy();
  return healthy(`gates are not given ${someOf(keys)}: see merge.env in docs/config.md`);
}

function notify({ config: { notify: argv }, find }: ConfigTools): Look {
  const [program] = argv;
  if (program === undefined || find(program) !== undefined) return healthy();
  return one(
    fails({
      what: "the program of notify is not there: nobody is told when an agent waits",
      evidence: `no ${program} ${program.includes("/") ? "" : "on PATH"}`.trim(),
      fix: "install it, or correct notify in .overture/config.yaml",
    }),
  );
}

/** An agent whose role has no prompt gets the default one. */
function roles({ store, files, declaredRoles }: StoreTools): Look {
  const known = [...files.roles(), ...declaredRoles, ...Object.keys(ROLE_ALIASES)];
  const named = store.agents.list().filter(({ role, kind }) => kind === "local" && role !== "none");
  const missing = named.filter(({ role }) => !known.includes(role));
  const problems = missing.map(({ name, role }) => {
    const near = nearest(role, known);
    return warns({
      what: `the role ${role} of ${name} has no prompt: it got the default one`,
      evidence: `known: ${[...new Set(known)].join(", ")}${near ? `; did you mean ${near}?` : ""}`,
      fix: `write .overture/roles/${role}.md`,
      about: name,
    });
  });
  const broken = files.brokenIncludes().map(({ role, include }) =>
    warns({
      what: `the role ${role} includes ${include}, which is not there`,
      evidence: `.overture/roles/${role}.md: {{include ${include}}}; the default prompt stands there`,
      fix: `write .overture/roles/${include}.md, or correct it`,
    }),
  );
  return { said: "", problems: [...problems, ...broken] };
}
