import { AppError } from "./errors.ts";
import { skeleton } from "./look-alike.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const TASK = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Names that mean something else in an address or belong to the system. */
export const RESERVED = ["all", "overture"] as const;

/** The person's inbox: always a valid recipient. */
export const ORCHESTRATOR = "orchestrator";

/** What prompts of Overstory call the person. */
export const OPERATOR = "operator";

interface Registered {
  get(name: string): { kind: string } | undefined;
}

/** The sender of letters that Overture writes itself (dead letters, merge results). */
export const SYSTEM = "overture";

/**
 * A name of an agent, role or group: ASCII letters, digits, `_` and `-`, 1–63 characters.
 * No dot or slash, so that no path can be built from one.
 */
export function checkName(name: string, what = "agent name"): string {
  if (!NAME.test(name)) {
    throw new AppError(
      "usage",
      `${what} ${JSON.stringify(name)} is not valid`,
      "use 1-63 letters, digits, - or _, beginning with a letter or digit",
    );
  }
  return name;
}

/** The name of an agent to be: one that is not taken by the system or the person. */
export function checkNewName(name: string): string {
  const like = likeReserved(checkName(name));
  if (like === undefined) return name;
  const is = like === name ? "is" : `looks like "${like}", which is`;
  throw new AppError("refused", `"${name}" ${is} a reserved name`, "choose another name");
}

/** The reserved name that this one is, or that it is easily taken for. */
export function likeReserved(name: string): string | undefined {
  const shape = skeleton(name);
  const all: readonly string[] = [...RESERVED, ORCHESTRATOR, OPERATOR];
  return all.find((one) => skeleton(one) === shape);
}

/**
 * The name under which somebody sends or reads. Nobody speaks for the system. `operator` is the
 * person, unless somebody is registered by this name.
 */
export function checkSpeaker(name: string, agents?: () => Registered): string {
  const kind = name === OPERATOR ? (agents?.().get(name)?.kind ?? "external") : undefined;
  if (kind === "external") return ORCHESTRATOR;
  const like = likeReserved(checkName(name));
  if (like === undefined || name === ORCHESTRATOR || name === OPERATOR) return name;
  const isReserved = (RESERVED as readonly string[]).includes(name);
  // Agents of before keep their names.
  if (!isReserved && agents?.().get(name)?.kind === "local") return name;
  const is = like === name ? "is" : `looks like "${like}", which is`;
  throw new AppError(
    "refused",
    `"${name}" ${is} a reserved name`,
    "nobody sends or reads under it",
  );
}

/** A task id becomes part of a branch and a file name: as a name, with dots inside. */
export function checkTaskId(id: string): string {
  if (!TASK.test(id) || id.includes("..") || id.endsWith(".") || id.endsWith(".lock")) {
    throw new AppError(
      "usage",
      `task id ${JSON.stringify(id)} is not valid`,
      "use 1-63 letters, digits, . - or _, beginning with a letter or digit",
    );
  }
  return id;
}

/** `ov/<agent>/<task>`: the branch that an agent works on. */
export function branchOf(agent: string, task: string): string {
  return `ov/${checkName(agent)}/${checkTaskId(task)}`;
}
