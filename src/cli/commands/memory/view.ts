import type { Note } from "../../../domain/note.ts";
import { head } from "../../../domain/text.ts";
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
  createdAt: new Date(rest.createdAt).toISOString(),
  expiresAt: rest.expiresAt === null ? null : new Date(rest.expiresAt).toISOString(),
  forgotten: rest.isGone,
});

const about = ({ key, version, agent, tags, importance, createdAt }: Note): string => {
  const words = [`v${version}`, `by ${agent}`, new Date(createdAt).toISOString().slice(0, 16)];
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
