import { AppError } from "../../domain/errors.ts";
import { compareVersions, fails, healthy, type Look, warns } from "../../domain/finding.ts";
import type { Installed, Programs } from "../../ports/doctor.ts";
import type { Check, ConfigTools, MachineTools, UsedRuntime } from "./tools.ts";

/** See src/adapters/git.ts. What tmux can do is tried, whatever its version says. */
const GIT_MIN = "2.30";

export const dependencies: readonly Check[] = [
  { id: "node", needs: "machine", look: node },
  { id: "sqlite", needs: "machine", look: sqlite },
  { id: "git", needs: "machine", look: (tools) => program(tools, ({ git }) => git, GIT_MIN) },
  { id: "tmux-version", needs: "machine", look: (tools) => program(tools, ({ tmux }) => tmux) },
  { id: "ps", needs: "machine", look: ps },
  { id: "runtimes", needs: "config", look: runtimes },
];

function node({ node: { version, wanted } }: MachineTools): Look {
  if (compareVersions(version, wanted) >= 0) return healthy(`Node ${version}`);
  const what = `this Node is too old: ${version}`;
  const evidence = `package.json asks for ${wanted}`;
  return { said: "", problems: [fails({ what, evidence, fix: "https://nodejs.org" })] };
}

function sqlite({ sqlite: load }: MachineTools): Look {
  try {
    return healthy(`SQLite ${load()}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const cause = error.cause instanceof Error ? error.cause.message.split("\n")[0]! : "";
    const fix = error.hint ?? "";
    return { said: "", problems: [fails({ what: error.message, evidence: cause, fix })] };
  }
}

async function program(
  { programs }: MachineTools,
  choose: (all: Programs) => Installed,
  oldest = "0",
): Promise<Look> {
  const { name, version, path, install } = choose(await programs());
  if (path === undefined) return { said: "", problems: [missing(name, install)] };
  if (version === undefined) {
    const evidence = `${path} does not say which it is`;
    const what = `${name} does not run`;
    return { said: "", problems: [fails({ what, evidence, fix: install })] };
  }
  if (compareVersions(version, oldest) >= 0) return healthy(`${name} ${version}`);
  const what = `${name} ${version} is too old`;
  const evidence = `${path}; ${oldest} or newer is needed`;
  return { said: "", problems: [fails({ what, evidence, fix: install })] };
}

const missing = (name: string, install: Installed["install"]) =>
  fails({ what: `${name} is not installed`, evidence: "it is nowhere on PATH", fix: install });

async function ps({ programs }: MachineTools): Promise<Look> {
  const { path, install } = (await programs()).ps;
  if (path !== undefined) return healthy();
  const what = "ps is not installed: ov adopt cannot see what runs in a pane";
  return {
    said: "",
    problems: [warns({ what, evidence: "it is nowhere on PATH", fix: install })],
  };
}

async function runtimes(tools: ConfigTools): Promise<Look> {
  const looks = await Promise.all(tools.runtimes.map((runtime) => installed(tools, runtime)));
  const said = looks.map((look) => look.said).filter(Boolean);
  return { said: said.join(", "), problems: looks.flatMap(({ problems }) => problems) };
}

/** A runtime that nobody starts now is missed by nobody. */
async function installed(tools: ConfigTools, runtime: UsedRuntime): Promise<Look> {
  const { name, kind, path, command, install, isDefault } = runtime;
  if (kind === undefined || kind === "built in") return healthy(kind && `${name} (built in)`);
  if (path === undefined) {
    const say = isDefault ? fails : warns;
    const what = `${name} is not installed${isDefault ? ", and ov sling starts it" : ""}`;
    const evidence = command.includes("/") ? `no program ${command}` : `no ${command} on PATH`;
    return { said: "", problems: [say({ what, evidence, fix: install })] };
  }
  if (kind === "own") return healthy(name);
  const version = await tools.versionOf(runtime);
  const tried = tools.tried(name);
  if (version !== undefined && tried.includes(version)) return healthy(`${name} ${version}`);
  const what = `${name} ${version ?? "of an unknown version"} was not tried with this Overture`;
  const evidence = `${path}; tried: ${tried.join(", ") || "none"} (docs/agents.md)`;
  return {
    said: "",
    problems: [warns({ what, evidence, fix: `${install}@${tried.at(-1) ?? "latest"}` })],
  };
}
