import { isConflict, isDeleted, vectorOf, type Write } from "../../../domain/fact.ts";
import { field, isObject, type Json } from "../../../domain/json.ts";
import { head } from "../../../domain/text.ts";
import type { Difference } from "../../../domain/three-way.ts";
import { isoTime } from "../../../domain/time.ts";
import { vectorText } from "../../../domain/vector.ts";
import type { Version } from "../../../ports/state.ts";
import { table } from "../../table.ts";

const LINE = 60;

export const writeJson = ({ vector, writer, at, value }: Write) => ({
  writer,
  at: isoTime(at),
  vector,
  ...(value === undefined ? { deleted: true } : { value }),
});

/** A version as JSON. `value` is there when it is settled and not deleted. */
export const factJson = (fact: Version) => ({
  key: fact.key,
  version: fact.version,
  agent: fact.agent,
  at: isoTime(fact.at),
  vector: vectorOf(fact.writes),
  conflict: isConflict(fact),
  deleted: isDeleted(fact),
  ...(fact.view.value === undefined ? {} : { value: fact.view.value }),
  clashes: fact.view.clashes,
  writes: fact.writes.map(writeJson),
});

/** A text as it is, anything else as JSON. */
export const valueText = (value: Json | undefined, indent = 0): string => {
  if (value === undefined) return "(deleted)";
  return typeof value === "string" ? value : JSON.stringify(value, null, indent);
};

const shorten = (text: string) => {
  const line = text.replace(/\s+/g, " ");
  return line.length > LINE ? `${head(line, LINE - 1)}…` : line;
};

/** `bo`, or `bo@3f9a1c2e` for one of another store. */
const nameOf = (writer: string, origin: string) =>
  writer.endsWith(`@${origin}`) ? writer.slice(0, -origin.length - 1) : writer;

const pathText = (path: readonly string[]) => (path.length === 0 ? "(all of it)" : path.join("."));

const at = (value: Json | undefined, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (inner, name) => (isObject(inner) ? field(inner, name) : undefined),
    value,
  );

/** Both values of a conflict, whole, and where they clash. */
export function conflictText(fact: Version, origin: string): string {
  const values = fact.writes.flatMap((write) => [
    `  ${nameOf(write.writer, origin)}, ${isoTime(write.at).slice(0, 16)}:`,
    valueText(write.value, 2).replace(/^/gm, "    "),
  ]);
  const clashes = fact.view.clashes.map((path) => {
    const each = fact.writes.map((write) => shorten(partText(at(write.value, path))));
    return `  ${pathText(path)}: ${each.join(" | ")}`;
  });
  return [`${fact.key} v${fact.version} is in conflict:`, ...values, "clashes:", ...clashes].join(
    "\n",
  );
}

/** One line each. */
export const factsTable = (facts: readonly Version[], origin: string): string =>
  table(
    ["KEY", "V", "BY", "VALUE"],
    facts.map((fact) => {
      const writers = fact.writes.map(({ writer }) => nameOf(writer, origin));
      return [fact.key, String(fact.version), writers.join(","), shorten(summary(fact))];
    }),
  );

function summary(fact: Version): string {
  if (isConflict(fact)) return `(conflict of ${fact.writes.length} values)`;
  return valueText(fact.view.value);
}

export const historyText = (versions: readonly Version[], origin: string): string =>
  versions
    .map((fact) => {
      const writers = fact.writes.map(({ writer }) => nameOf(writer, origin)).join(" + ");
      const line = `v${fact.version}  ${isoTime(fact.at).slice(0, 16)}  by ${writers}  ${shorten(summary(fact))}`;
      return `${line}\n    ${vectorText(vectorOf(fact.writes))}`;
    })
    .join("\n");

const partText = (value: Json | undefined) =>
  value === undefined ? "(not there)" : JSON.stringify(value);

export const differencesText = (all: readonly Difference[]): string[] =>
  all.map(
    ({ path, from, to }) =>
      `  ${pathText(path)}: ${shorten(partText(from))} ▸ ${shorten(partText(to))}`,
  );

/** `null` would be a value: a side that is not there has no field. */
export const differenceJson = ({ path, from, to }: Difference) => ({
  path,
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});
