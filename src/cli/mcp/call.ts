import * as z from "zod/mini";
import { AppError, unknownWord } from "../../domain/errors.ts";
import { sayIssues } from "../../domain/issues.ts";
import { isOpen, rulesFor } from "../../domain/permission.ts";
import type { Context } from "../context.ts";
import { permit } from "../guard.ts";
import { mailTools } from "./mail-tools.ts";
import { memoryTools } from "./memory-tools.ts";
import { teamTools } from "./team-tools.ts";
import type { Answer, Tool } from "./tool.ts";

export const TOOLS: readonly Tool[] = [...memoryTools, ...mailTools, ...teamTools];

/** JSON Schema of a tool's fields, without what only repeats its type. */
export function schemaOf({ shape }: Tool) {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: "input" });
  const properties = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const { maximum, propertyNames, additionalProperties, ...rest } = field as Record<
      string,
      unknown
    >;
    return [name, maximum === Number.MAX_SAFE_INTEGER || propertyNames ? rest : field];
  });
  return { ...schema, type: "object" as const, properties: Object.fromEntries(properties) };
}

/** Runs a tool as a verb runs: what is wrong with the call is an AppError. */
export async function callTool(
  context: Context,
  agent: string | undefined,
  name: string,
  input: unknown,
): Promise<Answer> {
  const tool = TOOLS.find((row) => row.name === name);
  if (!tool) {
    const names = TOOLS.map((row) => row.name);
    throw unknownWord("tool", name, names);
  }
  const parsed = tool.shape.safeParse(input ?? {});
  if (!parsed.success) {
    const required = schemaOf(tool).required ?? [];
    const fields = Object.keys(tool.shape.def.shape).map((field) =>
      required.includes(field) ? `${field} (required)` : field,
    );
    const wrong = sayIssues(parsed.error.issues, "input");
    throw new AppError("usage", wrong, `fields of ${name}: ${fields.join(", ") || "none"}`);
  }
  const asked = { verb: tool.verb, given: new Map(), args: [] };
  await permit(context, asked);
  const isOfAll = rulesFor(asked).every(({ rule }) => isOpen(rule));
  const who = isOfAll ? context.named(agent) : context.identity(agent);
  return tool.run({ context, agent: who }, parsed.data as never);
}
