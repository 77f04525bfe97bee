import { RULES, type Rule } from "../../src/domain/permission.ts";

const yes = (may: boolean) => (may ? "yes" : "–");

/** What a rule says of a column where it may depend on whom the verb is about. */
function cells(rule: Rule): string[] {
  const isKin = rule.target !== undefined;
  const roles = rule.roles.length > 0 ? rule.roles.join(", ") : rule.other ? "yes" : "–";
  const all = rule.unnamed === "all" && rule.roles.length > 0 ? " (about all)" : "";
  const parent = rule.parentIf ? `with \`${rule.parentIf}\`` : yes(rule.parent);
  const own = isKin || rule.other ? yes(rule.self) : "–";
  const about = isKin || rule.other ? parent : "–";
  return ["yes", own, about, `${roles}${all}`, yes(rule.other), yes(rule.outside)];
}

/** The table of docs/trust.md: verbs of one rule share a row. */
export function permissionTable(): string {
  const groups = new Map<string, string[]>();
  for (const [verb, rule] of Object.entries(RULES)) {
    const row = cells(rule).join(" | ");
    groups.set(row, [...(groups.get(row) ?? []), `\`${verb}\``]);
  }
  const lines = [...groups].map(([row, verbs]) => `| ${verbs.join(" ")} | ${row} |`);
  return [
    "| verb | person | oneself | parent | role | other agent | outside |",
    "|---|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}
