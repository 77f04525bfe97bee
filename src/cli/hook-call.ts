export interface HookCall {
  /** Its verb, and its event where it names one. */
  name: string;
  agent: string | undefined;
}

/**
 * What a call says of itself that a runtime's hook makes, else undefined. Nothing else says
 * so: an agent's own `ov` in its shell has the same environment. bin/ov has the same rule.
 */
export function hookCall(argv: readonly string[]): HookCall | undefined {
  const [verb, next] = argv.filter(
    (word, i) => !word.startsWith("-") && argv[i - 1] !== "--project",
  );
  const value = (name: string) => {
    const at = argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
    return at < 0 ? undefined : (argv[at]!.split("=", 2)[1] ?? argv[at + 1] ?? "");
  };
  const isHook =
    verb === "log" ||
    (verb === "checkpoint" && value("moment") !== undefined) ||
    (verb === "mail" && next === "check" && (value("inject") ?? value("event")) !== undefined);
  if (!isHook) return undefined;
  return { name: value("event") ?? [verb, next].filter(Boolean).join(" "), agent: value("agent") };
}
