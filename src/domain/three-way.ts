import { field, isObject, isSame, type Json, type JsonObject } from "./json.ts";

/** A value, or a field's, that was changed in two ways. `undefined`: it is not there. */
export interface Clash {
  /** Names of the fields that lead to it; empty for the whole value. */
  path: string[];
  base: Json | undefined;
  local: Json | undefined;
  remote: Json | undefined;
}

export interface Merged {
  /** What counts where nothing clashes; of no use otherwise. */
  value: Json | undefined;
  clashes: Clash[];
}

/**
 * What two values become that were made of one. Whoever changed it wins over who did not, a
 * deletion like any other change; both the same way is one change; objects field by field, also
 * two that were made where nothing was; an array is one value. All else clashes.
 */
export function mergeValues(
  base: Json | undefined,
  local: Json | undefined,
  remote: Json | undefined,
  path: string[] = [],
): Merged {
  if (isSame(local, remote) || isSame(base, remote)) return { value: local, clashes: [] };
  if (isSame(base, local)) return { value: remote, clashes: [] };
  const wasObject = base === undefined || isObject(base);
  if (wasObject && isObject(local) && isObject(remote)) {
    return mergeObjects(base ?? {}, local, remote, path);
  }
  return { value: undefined, clashes: [{ path, base, local, remote }] };
}

function mergeObjects(
  base: JsonObject,
  local: JsonObject,
  remote: JsonObject,
  path: string[],
): Merged {
  const names = [...new Set([base, local, remote].flatMap(Object.keys))].sort();
  const merged = names.map((name) => {
    const [was, mine, theirs] = [base, local, remote].map((value) => field(value, name));
    return [name, mergeValues(was, mine, theirs, [...path, name])] as const;
  });
  const kept = merged.flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]));
  return {
    value: Object.fromEntries(kept),
    clashes: merged.flatMap(([, { clashes }]) => clashes),
  };
}

export interface Difference {
  path: string[];
  from: Json | undefined;
  to: Json | undefined;
}

/** What changed from one value to another, by field. */
export function differences(
  from: Json | undefined,
  to: Json | undefined,
  path: string[] = [],
): Difference[] {
  if (isSame(from, to)) return [];
  if (!isObject(from) || !isObject(to)) return [{ path, from, to }];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names.flatMap((name) => differences(field(from, name), field(to, name), [...path, name]));
}
