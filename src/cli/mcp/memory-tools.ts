import * as z from "zod/mini";
import { parseDuration } from "../../domain/duration.ts";
import { forget, historyOf, remember, rollback } from "../../usecases/keep-memory.ts";
import { targetOf, toolsOf } from "../commands/memory/options.ts";
import { changesText, notesTable, notesText } from "../commands/memory/view.ts";
import { limit, optional, tags, told } from "./fields.ts";
import { type Tool, tool } from "./tool.ts";

/** Names that prompts rely on: they stay. */
export const memoryTools: readonly Tool[] = [
  tool({
    name: "remember",
    description: "Keep a note for the whole team; under a key that exists, as its next version",
    shape: z.strictObject({
      text: z.string(),
      key: told(optional, "name of a fact that will change"),
      tags: told(tags, "words to find it by; an agent's name shows it to them"),
      importance: z.optional(z.int().check(z.minimum(1), z.maximum(5))),
      expires: told(optional, "12h, 30d"),
    }),
    run({ context, agent }, { expires, ...rest }) {
      const note = remember(toolsOf(context), {
        ...rest,
        expires: expires === undefined ? undefined : parseDuration(expires, "expires"),
        agent,
      });
      const { key, version } = note;
      return { text: `${key} v${version}`, data: { key, version } };
    },
  }),
  tool({
    name: "recall",
    description: "Notes that fit best, whole; without query the newest",
    shape: z.strictObject({ query: optional, tags, limit: limit(5) }),
    isReadOnly: true,
    run({ context: { store } }, { query, ...rest }) {
      const notes = store.notes.find({ text: query ?? "", tags: rest.tags ?? [], ...rest });
      return { text: notesText(notes) || "Nothing is known about that" };
    },
  }),
  tool({
    name: "search",
    description: "Find notes, one line each",
    shape: z.strictObject({ query: z.string(), tags, agent: optional, limit: limit(20) }),
    isReadOnly: true,
    run({ context }, { query, tags: all = [], agent, limit: most }) {
      const by = agent === undefined ? {} : { agent: context.named(agent) };
      const notes = context.store.notes.find({ text: query, tags: all, limit: most, ...by });
      return { text: notes.length > 0 ? notesTable(notes) : "No note found" };
    },
  }),
  tool({
    name: "list",
    verb: "memory list",
    description: "Newest notes, one line each; with key, every version of that one",
    shape: z.strictObject({ key: optional, tags, agent: optional, limit: limit(20) }),
    isReadOnly: true,
    run({ context }, { key, tags: all = [], agent, limit: most }) {
      if (key !== undefined) return { text: notesText(historyOf(toolsOf(context), key)) };
      const by = agent === undefined ? {} : { agent: context.named(agent) };
      const notes = context.store.notes.find({ tags: all, limit: most, ...by });
      return { text: notes.length > 0 ? notesTable(notes) : "No notes" };
    },
  }),
  tool({
    name: "forget",
    description: "A note is not found any more; its versions stay",
    shape: z.strictObject({ key: z.string() }),
    run({ context, agent }, { key }) {
      const { version } = forget(toolsOf(context), key, agent);
      const text = `${key} is forgotten; back: rollback to ${version - 1}`;
      return { text, data: { key, version } };
    },
  }),
  tool({
    name: "rollback",
    description: "Take a note, or without key all, back to what it was; as a new version",
    shape: z.strictObject({
      key: optional,
      to: told(optional, "version (3), age (2h) or date"),
      checkpoint: told(optional, "instead of to: bo@3"),
      dry_run: z.optional(z.boolean()),
    }),
    run({ context, agent }, { key, to, checkpoint, dry_run: isTrial = false }) {
      const target = targetOf(to, checkpoint);
      const changes = rollback(toolsOf(context), { key, target, agent, isTrial });
      return { text: changesText(changes, isTrial) };
    },
  }),
];
