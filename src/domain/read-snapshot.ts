import * as z from "zod/mini";
import { AppError } from "./errors.ts";
import { joinWrites } from "./fact.ts";
import { sayIssues } from "./issues.ts";
import { checkValue, parseJson } from "./json.ts";
import { checkKey } from "./note.ts";
import { PAST, type Sent } from "./snapshot.ts";
import { join } from "./vector.ts";

const WRITES = 64;

const writer = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}@[0-9a-f]{8}$/));
const count = z.int().check(z.minimum(1), z.maximum(1_000_000_000));
const moment = { vector: z.record(writer, count), value: z.optional(z.unknown()) };
const shape = z.looseObject({
  facts: z.array(
    z.looseObject({
      key: z.string(),
      writes: z
        .array(z.looseObject({ ...moment, writer, at: z.iso.datetime() }))
        .check(z.minLength(1), z.maxLength(WRITES)),
      past: z.array(z.looseObject(moment)).check(z.maxLength(PAST)),
    }),
  ),
});

/** What `ov state get --all --json` printed. Throws `usage` for anything else. */
export function readSnapshot(text: string): Sent[] {
  const read = z.safeParse(shape, parseJson(text, "the snapshot"));
  if (!read.success) {
    const hint = "make one with: ov state get --all --json";
    throw new AppError(
      "usage",
      `no snapshot: ${sayIssues(read.error.issues.slice(0, 3), "it")}`,
      hint,
    );
  }
  return read.data.facts.map(({ key, writes, past }) => {
    const clean = writes.map((write) => {
      const { writer, at, vector } = write;
      return { vector: join(vector, {}), writer, at: Date.parse(at), ...contentOf(write) };
    });
    if (clean.some((write) => !Object.hasOwn(write.vector, write.writer))) {
      throw new AppError("usage", `no snapshot: a write of ${key} is not in its own vector`);
    }
    const before = past.map((one) => ({ vector: join(one.vector, {}), ...contentOf(one) }));
    return { key: checkKey(key, "fact key"), writes: joinWrites(clean, []), past: before };
  });
}

const contentOf = ({ value }: { value?: unknown }) =>
  value === undefined ? {} : { value: checkValue(value) };
