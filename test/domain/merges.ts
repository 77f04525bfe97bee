/** Not there: never written, or deleted where the base has it. */
export const NONE = undefined;
export const CLASH = "clash";

/** Every combination of base, local and remote, and what the two become. */
export const MERGES: readonly (readonly [
  base: string | undefined,
  local: string | undefined,
  remote: string | undefined,
  result: string | undefined,
])[] = [
  [NONE, NONE, NONE, NONE],
  [NONE, NONE, "A", "A"],
  [NONE, NONE, "B", "B"],
  [NONE, "A", NONE, "A"],
  [NONE, "A", "A", "A"],
  [NONE, "A", "B", CLASH],
  [NONE, "B", NONE, "B"],
  [NONE, "B", "A", CLASH],
  [NONE, "B", "B", "B"],
  ["A", NONE, NONE, NONE],
  ["A", NONE, "A", NONE],
  ["A", NONE, "B", CLASH],
  ["A", "A", NONE, NONE],
  ["A", "A", "A", "A"],
  ["A", "A", "B", "B"],
  ["A", "B", NONE, CLASH],
  ["A", "B", "A", "B"],
  ["A", "B", "B", "B"],
  ["B", NONE, NONE, NONE],
  ["B", NONE, "A", CLASH],
  ["B", NONE, "B", NONE],
  ["B", "A", NONE, CLASH],
  ["B", "A", "A", "A"],
  ["B", "A", "B", "A"],
  ["B", "B", NONE, NONE],
  ["B", "B", "A", "A"],
  ["B", "B", "B", "B"],
];
