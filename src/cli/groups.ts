/** The headings of `ov --help` and what stands under each, in their order. */
const GROUPS: Readonly<Record<string, string>> = {
  Start: "init demo hooks mcp trust doctor uninstall",
  Agents: "sling stop resume handoff adopt release checkpoint prime past",
  Look: "status explain peek diff inspect attach feed logs trace replay errors",
  Act: "answer ask when nudge interrupt command",
  Mail: "mail group agents",
  Work: "spec worktree merge",
  Memory: "remember recall search forget rollback memory state",
  Money: "costs run metrics",
  Carrier: "up down watch deliver",
};

const order = Object.values(GROUPS).flatMap((verbs) => verbs.split(" "));

/** Under which heading a verb stands. */
export const groupOf = (verb: string): string =>
  Object.keys(GROUPS).find((group) => GROUPS[group]!.split(" ").includes(verb)) ?? "Other";

/** In the order of the headings; what stands under none comes last. */
export function inGroups<T extends { name: string }>(verbs: readonly T[]): T[] {
  const at = ({ name }: T) => (order.includes(name) ? order.indexOf(name) : order.length);
  return verbs.toSorted((a, b) => at(a) - at(b));
}
