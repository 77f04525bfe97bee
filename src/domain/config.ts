import * as z from "zod/mini";
import { budgetShape } from "./budget.ts";
import { START_DIALOGS } from "./dialog.ts";
import { AppError } from "./errors.ts";
import { genericIssues, pattern, programName, promptPattern } from "./generic.ts";
import { sayIssues } from "./issues.ts";
import { pricesShape } from "./price.ts";

const seconds = z.number().check(z.nonnegative());
const command = z.string().check(z.minLength(1));

const shape = z.strictObject({
  project: z.strictObject({ name: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/)) }),
  tmux: z.optional(z.strictObject({ socket: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,90}$/)) })),
  mail: z._default(
    z.strictObject({
      ratePerMinute: z._default(z.int().check(z.nonnegative()), 10),
      pairPerTenMinutes: z._default(z.int().check(z.nonnegative()), 40),
    }),
    { ratePerMinute: 10, pairPerTenMinutes: 40 },
  ),
  notify: z._default(z.array(command), []),
  delivery: z._default(z.strictObject({ modeGraceSeconds: z._default(seconds, 30) }), {
    modeGraceSeconds: 30,
  }),
  merge: z._default(
    z.strictObject({
      into: z.optional(z.string().check(z.minLength(1))),
      gates: z._default(z.array(command), []),
    }),
    { gates: [] },
  ),
  budget: z._default(budgetShape, { warnAt: 0.8 }),
  costs: z._default(z.strictObject({ prices: z._default(pricesShape, {}) }), { prices: {} }),
  runtime: z._default(z.string(), "claude"),
  runtimes: z._default(
    z
      .record(
        z.string(),
        z.strictObject({
          command: z.optional(command),
          args: z._default(z.array(z.string()), []),
          answers: z._default(z.partialRecord(z.enum(START_DIALOGS), z.string()), {}),
          type: z.optional(z.literal("generic")),
          prompt: z.optional(promptPattern),
          busy: z.optional(pattern),
          dialog: z.optional(pattern),
          error: z.optional(pattern),
          commands: z.optional(z.array(programName).check(z.minLength(1))),
          settleMs: z.optional(z.number().check(z.nonnegative())),
        }),
      )
      .check(({ value, issues }) => {
        for (const [name, settings] of Object.entries(value)) {
          for (const { field, message } of genericIssues(name, settings)) {
            issues.push({ code: "custom", path: [name, field], message, input: settings });
          }
        }
      }),
    {},
  ),
});

/** `.overture/config.yaml`. `mail.ratePerMinute: 0` means no limit. */
export type Config = z.infer<typeof shape>;

/** Throws `usage` that names every wrong field. */
export function checkConfig(value: unknown, path: string): Config {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const wrong = sayIssues(result.error.issues, "(file)");
  throw new AppError("usage", `${path}: ${wrong}`, "see docs/config.md");
}

/** What a sender may send; see `Limits` of the store. */
export const limitsOf = ({ mail }: Config) => ({
  perMinute: mail.ratePerMinute,
  perPair: mail.pairPerTenMinutes,
});
