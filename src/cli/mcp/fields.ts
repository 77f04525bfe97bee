import * as z from "zod/mini";

/** A field that its name does not explain. Every word here is paid for in each request. */
export const told = <T extends z.ZodMiniType>(field: T, description: string): T =>
  field.check(z.describe(description));

export const optional = z.optional(z.string());
export const tags = z.optional(z.array(z.string()));
export const limit = (initial: number) => z._default(z.int().check(z.minimum(1)), initial);
