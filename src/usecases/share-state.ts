import { AppError, unknownWord } from "../domain/errors.ts";
import {
  type Fact,
  isConflict,
  isDeleted,
  joinWrites,
  type Moment,
  pastOf,
  vectorOf,
  viewOf,
  type Write,
} from "../domain/fact.ts";
import type { Json } from "../domain/json.ts";
import { checkKey } from "../domain/note.ts";
import { countOf, join, next, type Vector } from "../domain/vector.ts";
import type { StateStore, Version } from "../ports/state.ts";

export interface StateTools {
  state: StateStore;
  now: () => number;
}

export interface Setting {
  key: string;
  /** Without it the fact is deleted. */
  value?: Json;
  /** The version that the writer goes by, 0 for none; default: the newest that it has read. */
  base?: number | undefined;
  agent: string;
}

export interface Written {
  fact: Version;
  /** Who was told of a conflict. */
  told: string[];
}

/**
 * Writes a value or a deletion. What the writer had not read stays beside it: they are merged by
 * what both went by, or are a conflict. Throws `not_found` for a deletion of nothing.
 */
export function setFact(tools: StateTools, { key, value, base, agent }: Setting): Written {
  const { state, now } = tools;
  return state.together(() => {
    const newest = state.newest(checkKey(key, "fact key"));
    if (value === undefined && (!newest || isDeleted(newest))) throw unknownFact(state, key);
    const writer = `${agent}@${state.origin}`;
    const { seen, wrote } = state.knowledge(key, agent);
    const own = newest?.writes.filter((write) => write.writer === writer) ?? [];
    const mine = join(wrote, vectorOf(own));
    const known = join(base === undefined ? seen : vectorAt(state, key, base), mine);
    const given = countOf(vectorOf(newest?.writes ?? []), writer);
    const write: Write = { vector: next(known, writer, given), writer, at: now(), value };
    state.learn(key, agent, { seen, wrote: write.vector });
    return keep(tools, { key, agent, newest, writes: [write], past: [] });
  });
}

function vectorAt(state: StateStore, key: string, base: number): Vector {
  if (base === 0) return {};
  return vectorOf(findVersion(state, key, base).writes);
}

export function findVersion(state: StateStore, key: string, version: number): Version {
  const versions = factVersions(state, key);
  const found = versions.find((one) => one.version === version);
  if (found) return found;
  const hint = `it has 1 to ${versions.length}: ov state history ${key}`;
  throw new AppError("not_found", `${key} has no version ${version}`, hint);
}

export interface Arriving {
  key: string;
  agent: string;
  newest: Version | undefined;
  writes: readonly Write[];
  past: Moment[];
}

/** Adds the version that these writes make, and tells its writers once of a conflict. */
export function keep(
  { state }: StateTools,
  { key, agent, newest, ...arriving }: Arriving,
): Written {
  const { past } = arriving;
  const writes = joinWrites(newest?.writes ?? [], arriving.writes);
  const isAlone = writes.length === 1;
  const known = isAlone ? new Map() : pastOf(state.versions(key), [...past, ...writes]);
  const fact: Fact = { writes, view: viewOf(writes, known), told: [], past };
  if (!isConflict(fact)) return { fact: state.add(key, agent, fact), told: [] };
  const here = writes
    .map(({ writer }) => writer.split("@"))
    .filter(([, at]) => at === state.origin);
  const involved = [...new Set([...here.map(([name]) => name!), agent])];
  const told = involved.filter((name) => !newest?.told.includes(name));
  const all = [...(newest?.told ?? []), ...told].sort();
  const version = state.add(key, agent, { ...fact, told: all });
  if (told.length > 0) state.tell(told, `conflict: ${key}`, conflictLetter(version, state.origin));
  return { fact: version, told };
}

/** Without the values: they may be anybody's words. */
function conflictLetter({ key, version, writes }: Version, origin: string): string {
  const names = writes.map(({ writer }) => writer.replace(`@${origin}`, ""));
  return [
    `The fact ${key} has ${writes.length} values that nobody has put together, written by ${names.join(" and ")} (v${version}).`,
    `Read them: ov state get ${key}`,
    `Then settle it: ov state set ${key} <value>   (or: ov state delete ${key})`,
  ].join("\n");
}

/** The newest version; from now on the agent's writes go by it. Throws `not_found`. */
export function readFact({ state }: StateTools, key: string, agent: string): Version {
  const fact = state.together(() => look(state, key, agent));
  if (!fact) throw unknownFact(state, key);
  if (!isDeleted(fact)) return fact;
  const hint = `what it was: ov state history ${key}`;
  throw new AppError("not_found", `${key} was deleted in v${fact.version} by ${fact.agent}`, hint);
}

/** All facts, deleted ones too, read by the agent. */
export function readAll({ state }: StateTools, agent: string): Version[] {
  return state.together(() => state.keys().map((key) => look(state, key, agent)!));
}

function look(state: StateStore, key: string, agent: string): Version | undefined {
  const fact = state.newest(key);
  if (!fact) return undefined;
  const { seen, wrote } = state.knowledge(key, agent);
  state.learn(key, agent, { seen: join(seen, vectorOf(fact.writes)), wrote });
  return fact;
}

/** The newest versions, without counting as a reader of them. */
export const listFacts = ({ state }: StateTools): Version[] =>
  state.keys().flatMap((key) => state.newest(key) ?? []);

/** Oldest first. Throws `not_found`. */
export function factVersions(state: StateStore, key: string): Version[] {
  const versions = state.versions(key);
  if (versions.length === 0) throw unknownFact(state, key);
  return versions;
}

function unknownFact(state: StateStore, key: string): AppError {
  const facts = state.keys().flatMap((one) => state.newest(one) ?? []);
  return unknownWord(
    "fact",
    key,
    facts.filter((fact) => !isDeleted(fact)).map((fact) => fact.key),
  );
}
