/**
 * Characters that a name may have and that look like another, by Unicode's list of confusables
 * (UTS #39, confusables.txt: 0→O, 1→l, I→l, rn→m) as far as it is about ASCII: no other character
 * stands in a name. Case is folded first, so that i, I, l and 1 are one.
 */
const LIKE: readonly [RegExp, string][] = [
  [/rn/g, "m"],
  [/0/g, "o"],
  [/[1i]/g, "l"],
  [/vv/g, "w"],
  [/[-_]/g, ""],
];

/** What a name looks like: two names for which this is the same cannot be told apart at a glance. */
export const skeleton = (name: string): string =>
  LIKE.reduce((text, [what, by]) => text.replace(what, by), name.normalize("NFKC").toLowerCase());
