import { AppError, unknownWord } from "./errors.ts";
import { OPERATOR, ORCHESTRATOR, SYSTEM } from "./name.ts";

/** What an address can mean: who is registered, with which role, and the named groups. */
export interface Directory {
  agents: readonly { name: string; role: string; addressable: boolean }[];
  groups: ReadonlyMap<string, readonly string[]>;
}

/**
 * The recipients of an address, in name order, without the sender for every group form.
 * Forms: a name, a comma list of these, `@all`, `@role`, `@roles`, `@group` or a group's name.
 * Throws `not_found` with the known names for anything else, and `refused` for an empty group and
 * for `overture`, which writes letters and reads none.
 */
export function resolveAddress(address: string, sender: string, dir: Directory): string[] {
  const parts = address
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part.length > 0);
  if (parts.length === 0) throw new AppError("usage", "--to is empty", "name a recipient");
  const found = new Set<string>();
  for (const part of parts) for (const name of resolveOne(part, sender, dir)) found.add(name);
  return [...found].sort();
}

function resolveOne(part: string, sender: string, dir: Directory): readonly string[] {
  const isGroup = part.startsWith("@");
  const word = isGroup ? part.slice(1) : part;
  if (word === SYSTEM) {
    throw new AppError("refused", `${SYSTEM} reads no mail`, "write to the agent that it is about");
  }
  if (!isGroup) {
    if (word === OPERATOR && !dir.agents.some((one) => one.addressable && one.name === word))
      return [ORCHESTRATOR];
    if (word === ORCHESTRATOR || dir.agents.some((agent) => agent.name === word)) return [word];
    if (!dir.groups.has(word)) throw unknownWord("recipient", part, known(dir));
  }
  const members = groupMembers(word, dir);
  if (!members) throw unknownWord("group", part, known(dir));
  const others = members.filter((name) => name !== sender);
  if (others.length === 0) {
    throw new AppError(
      "refused",
      `group "${part}" has no member but the sender`,
      `known: ${known(dir).join(", ")}`,
    );
  }
  return others;
}

function groupMembers(word: string, dir: Directory): readonly string[] | undefined {
  const named = dir.groups.get(word);
  const isKnown = (name: string) => dir.agents.some((agent) => agent.name === name);
  if (named) return named.filter(isKnown);
  const team = dir.agents.filter((agent) => agent.addressable);
  if (word === "all") return team.map((agent) => agent.name);
  const withRole = team.filter((agent) => agent.role === word || `${agent.role}s` === word);
  return withRole.length > 0 ? withRole.map((agent) => agent.name) : undefined;
}

function known(dir: Directory): string[] {
  const withRole = dir.agents.filter((agent) => agent.addressable && agent.role !== "none");
  const roles = new Set(withRole.map((agent) => `@${agent.role}s`));
  const names = dir.agents.map((agent) => agent.name).filter((name) => name !== SYSTEM);
  return [
    ...new Set([ORCHESTRATOR, ...names]),
    "@all",
    ...roles,
    ...[...dir.groups.keys()].map((group) => `@${group}`),
  ];
}
