import type { Note } from "../../../domain/note.ts";
import { head } from "../../../domain/text.ts";
import { isoOrNull, isoTime } from "../../../domain/time.ts";
import type { Change } from "../../../usecases/keep-memory.ts";
import { table } from "../../table.ts";

const LINE = 60;

/** A note as JSON: times as ISO text. */
export const noteJson = ({ key, version, agent, body, tags, importance, ...rest }: Note) => ({
  key,
  version,
  agent,
  body,
  tags,
  importance,
  createdAt: isoTime(rest.createdAt),
  expiresAt: isoOrNull(rest.expiresAt),
  forgotten: rest.isGone,
});

const about = ({ key, version, agent, tags, importance, createdAt }: Note): string => {
  const words = [`v${version}`, `by ${agent}`, isoTime(createdAt).slice(0, 16)];
  if (importance !== 3) words.push(`importance ${importance}`);
  return `${key}  ${[...words, ...tags.map((tag) => `#${tag}`)].join("  ")}`;
};

/** Each with its whole text, indented: no line of it can be taken for the next note's head. */
export const notesText = (notes: readonly Note[]): string =>
  notes.map((note) => `${about(note)}\n${note.body.replace(/^/gm, "  ")}`).join("\n\n");

/** One line each. */
export const notesTable = (notes: readonly Note[]): string =>
  table(
    ["KEY", "V", "BY", "TAGS", "NOTE"],
    notes.map(({ key, version, agent, tags, body, isGone }) => {
      const line = body.replace(/\s+/g, " ");
      const text = line.length > LINE ? `${head(line, LINE - 1)}…` : line;
      return [key, String(version), agent, tags.join(","), isGone ? "(forgotten)" : text];
    }),
  );

export const changeJson = ({ key, from, to }: Change) => ({
  key,
  from: from ? noteJson(from) : null,
  to: to ? noteJson(to) : null,
});

export function changesText(changes: readonly Change[], isTrial: boolean): string {
  if (changes.length === 0) return "Nothing differs";
  const lines = changes.map(({ key, from, to }) => {
    if (!to) return `${key}: forgotten`;
    return from
      ? `${key}: v${from.version} ▸ as v${to.version}`
      : `${key}: back, as v${to.version}`;
  });
  return [...(isTrial ? ["would change:"] : []), ...lines].join("\n");
}
