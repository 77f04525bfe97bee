import { type Caller, sayCaller } from "./caller.ts";
import { AppError } from "./errors.ts";

/** Whom a verb is about: an argument by its place, or an option by its name. */
type Target = number | `--${string}`;

/** Who may call a verb. The person always may. */
export interface Rule {
  /** The agent that it is about; where it is about nobody, whoever speaks under its own name. */
  self: boolean;
  /** Who started that agent, or somebody above it. */
  parent: boolean;
  /** Only where a setting says so. */
  parentIf?: "answer.byParent";
  roles: readonly string[];
  other: boolean;
  /** A process that cannot be placed: see docs/trust.md. */
  outside: boolean;
  target?: Target;
  /** Nobody is named: it is about the caller, or about everybody. */
  unnamed?: "self" | "all";
}

const NOBODY = { self: false, parent: false, roles: [], other: false, outside: false };
/** What shows something, and changes nothing that anybody relies on. */
const READ: Rule = { self: true, parent: true, roles: [], other: true, outside: true };
/** Each agent under its own name. */
const OWN: Rule = { ...READ, outside: false };
const PERSON: Rule = NOBODY;
/** About an agent: itself, and who is above it. */
const kin = (target: Target, unnamed: "self" | "all", roles: readonly string[] = []): Rule => ({
  ...NOBODY,
  ...{ self: true, parent: true, target, unnamed, roles },
});
const byRole = (...roles: string[]): Rule => ({ ...NOBODY, roles });

const LEADS = ["coordinator", "orchestrator", "lead", "supervisor"];

/**
 * Each verb, as it is typed. A row with an option or an `<argument>` at its end takes the place of
 * the verb's own when that is given; of several, each must allow it. docs/trust.md shows this table.
 */
export const RULES: Readonly<Record<string, Rule>> = {
  init: PERSON,
  demo: PERSON,
  sling: byRole(...LEADS),
  // An agent that is there already is started anew by who is above it.
  "sling --name": { ...byRole(...LEADS), parent: true, target: "--name" },
  stop: kin(0, "all"),
  adopt: PERSON,
  release: PERSON,
  trust: PERSON,
  status: READ,
  explain: READ,
  peek: READ,
  diff: READ,
  answer: READ,
  "answer <option>": { ...NOBODY, parent: true, parentIf: "answer.byParent", target: 0 },
  ask: OWN,
  when: READ,
  "when --mail": OWN,
  attach: PERSON,
  nudge: OWN,
  interrupt: kin(0, "self"),
  command: PERSON,
  "mail send": OWN,
  "mail reply": OWN,
  "mail check": OWN,
  "mail list": READ,
  "mail search": READ,
  "mail thread": READ,
  "mail read": OWN,
  "mail ack": OWN,
  "mail purge": kin("--agent", "all"),
  "mail purge --all": PERSON,
  "mail dead": READ,
  "mail retry": OWN,
  "group create": OWN,
  "group add": OWN,
  "group remove": OWN,
  "group status": READ,
  "group list": READ,
  "agents add": PERSON,
  "agents remove": kin(0, "all"),
  "agents list": READ,
  "agents discover": READ,
  "hooks install": PERSON,
  "hooks uninstall": PERSON,
  "hooks status": READ,
  "worktree list": READ,
  "worktree clean": kin(0, "all", ["coordinator", "orchestrator"]),
  merge: byRole(...LEADS, "merger"),
  "merge --dry-run": READ,
  "merge --accept-settings": PERSON,
  "spec write": OWN,
  checkpoint: kin("--agent", "self"),
  prime: READ,
  handoff: kin(0, "self"),
  resume: kin(0, "all", ["coordinator", "orchestrator"]),
  past: READ,
  "past --ask": OWN,
  remember: OWN,
  recall: READ,
  search: READ,
  forget: OWN,
  rollback: OWN,
  "memory list": READ,
  "memory show": READ,
  "state set": OWN,
  "state delete": OWN,
  "state get": OWN,
  "state list": READ,
  "state history": READ,
  "state diff": READ,
  "state merge": OWN,
  mcp: READ,
  feed: READ,
  logs: READ,
  log: OWN,
  trace: READ,
  replay: READ,
  errors: READ,
  inspect: READ,
  costs: READ,
  "run list": READ,
  "run show": READ,
  "run complete": byRole("coordinator", "orchestrator", "lead", "supervisor"),
  metrics: READ,
  up: OWN,
  down: PERSON,
  watch: OWN,
  deliver: OWN,
  doctor: READ,
  "doctor --fix": PERSON,
  uninstall: PERSON,
};

/** What is asked, as far as it matters here. */
export interface Request {
  verb: string;
  /** Options and `<arguments>` that are given, as rows name them, with their values. */
  given: ReadonlyMap<string, unknown>;
  args: readonly unknown[];
}

/** What the team is, for who asks. */
export interface Kinship {
  /** Whether the first is above the second: who started it, who started that one … */
  isAbove(above: string, agent: string): boolean;
  roleOf(agent: string): string | undefined;
  /** Whether there is such an agent, or another name that gets mail. */
  isKnown(name: string): boolean;
  /** Whether such a setting is on; asked for only where it decides. */
  isSet(setting: NonNullable<Rule["parentIf"]>): boolean;
}

/** The rows that hold for a request; none for a verb that has no row. */
export function rulesFor({ verb, given }: Request): { row: string; rule: Rule }[] {
  const special = [...given.keys()].map((name) => `${verb} ${name}`);
  const rows = special.filter((row) => Object.hasOwn(RULES, row));
  const all = rows.length > 0 ? rows : [verb];
  return all.flatMap((row) => (Object.hasOwn(RULES, row) ? [{ row, rule: RULES[row]! }] : []));
}

/** Whether nothing about the caller need be known. */
export const isOpen = (rule: Rule): boolean => rule.outside;

/**
 * Decides whether a caller may. Returns undefined, or the error that refuses it. A verb without a
 * row is nobody's but the person's.
 */
export function decide(caller: Caller, asked: Request, kinship: Kinship): AppError | undefined {
  if (caller.is === "person" || caller.is === "overture") return undefined;
  const found = rulesFor(asked);
  const rows = found.length > 0 ? found : [{ row: asked.verb, rule: PERSON }];
  for (const { row, rule } of rows) {
    if (rule.outside) continue;
    if (caller.is === "outside") return refuseOutside(caller, row);
    const about = targetOf(rule, asked, caller.name);
    if (!mayAgent(caller.name, rule, about, kinship)) return refuse(caller, row, rule, about);
  }
  return undefined;
}

/** An agent's name; undefined: everybody, or nobody. */
function targetOf({ target, unnamed }: Rule, { args, given }: Request, caller: string) {
  const named = typeof target === "number" ? args[target] : target && given.get(target);
  if (typeof named === "string") return named;
  return unnamed === "self" ? caller : undefined;
}

function mayAgent(name: string, rule: Rule, about: string | undefined, kinship: Kinship): boolean {
  if (rule.other) return true;
  if (rule.roles.includes(kinship.roleOf(name) ?? "")) {
    // With a target, the role is for what is about everybody, or about nobody yet.
    if (rule.target === undefined || about === undefined || !kinship.isKnown(about)) return true;
  }
  if (about === undefined) return false;
  if (rule.self && about === name) return true;
  if (!rule.parent || about === name || !kinship.isAbove(name, about)) return false;
  return rule.parentIf === undefined || kinship.isSet(rule.parentIf);
}

const HINT = "ask for it: ov mail send --to orchestrator";

function refuse(caller: Caller, row: string, rule: Rule, about: string | undefined): AppError {
  const whom = about === undefined ? "" : ` ${about}`;
  const message = `${sayCaller(caller)} may not do this: ov ${row.replace(/ <.*/, "")}${whom}`;
  return new AppError("refused", `${message}; only ${sayWho(rule, about)} may`, HINT);
}

function sayWho(rule: Rule, about: string | undefined): string {
  const roles = rule.target === undefined || about === undefined ? rule.roles : [];
  const known = about !== undefined;
  return [
    "the person",
    ...(known && rule.self ? ["the agent itself"] : []),
    ...(known && rule.parent
      ? [`who started it${rule.parentIf ? ` (with ${rule.parentIf})` : ""}`]
      : []),
    ...(roles.length > 0 ? [`a ${roles.join(", ")}`] : []),
  ].join(" or ");
}

const refuseOutside = ({ why, hint }: Extract<Caller, { is: "outside" }>, row: string) =>
  new AppError("refused", `ov ${row.replace(/ <.*/, "")} is refused: ${why}`, hint);

/** The error for an agent that is none of those whose thing this is, or undefined. */
export function refuseThing(
  caller: Caller,
  owners: readonly string[],
  thing: string,
): AppError | undefined {
  if (caller.is !== "agent" || owners.includes(caller.name)) return undefined;
  const message = `${sayCaller(caller)} may not do this to ${thing}; it is of ${owners.join(", ")}`;
  return new AppError("refused", message, HINT);
}

/** The error for a name that is not the caller's own, or undefined. */
export function refuseName(caller: Caller, name: string): AppError | undefined {
  if (caller.is === "outside") return new AppError("refused", caller.why, caller.hint);
  if (caller.is !== "agent" || caller.name === name) return undefined;
  const message = `${sayCaller(caller)} may not speak or read as ${name}`;
  return new AppError("refused", message, `leave the name out: you are ${caller.name}`);
}
