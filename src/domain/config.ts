import * as z from "zod/mini";
import { budgetShape } from "./budget.ts";
import { START_DIALOGS } from "./dialog.ts";
import { AppError, nearest } from "./errors.ts";
import { genericIssues, pattern, programName, promptPattern } from "./generic.ts";
import type { HealthLimits } from "./health.ts";
import { sayIssues } from "./issues.ts";
import { pricesShape } from "./price.ts";
import { RESTART_POLICIES, type RestartPolicy } from "./restart.ts";
import { RETENTION, retentionShape } from "./retention.ts";
import { NO_SET_UP, setUpShape } from "./set-up.ts";

const seconds = z.number().check(z.nonnegative());
const command = z.string().check(z.minLength(1));
/** A variable's name, or its beginning with `*`. */
const variable = z.string().check(z.regex(/^[A-Za-z_]\w*\*?$/));

const minutes = z.number().check(z.positive());

const RESTART = { policy: "on-crash", limit: 3, withinMinutes: 30, backoffSeconds: 5 } as const;
const restart = z.strictObject({
  policy: z._default(z.enum(RESTART_POLICIES), RESTART.policy),
  limit: z._default(z.int().check(z.nonnegative()), RESTART.limit),
  withinMinutes: z._default(minutes, RESTART.withinMinutes),
  backoffSeconds: z._default(seconds, RESTART.backoffSeconds),
});

const HEALTH = { stalledMinutes: 15, silentMinutes: 15, stepMinutes: 5 };
const health = z.strictObject({
  stalledMinutes: z._default(minutes, HEALTH.stalledMinutes),
  silentMinutes: z._default(minutes, HEALTH.silentMinutes),
  stepMinutes: z._default(minutes, HEALTH.stepMinutes),
});

/** A gate that nobody ends would hold up every merge into its branch. */
const GATE = { minutes: 60, most: 1440 };

const shape = z.strictObject({
  project: z.strictObject({ name: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/)) }),
  tmux: z.optional(z.strictObject({ socket: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,90}$/)) })),
  mail: z._default(
    z.strictObject({
      ratePerMinute: z._default(z.int().check(z.nonnegative()), 60),
      pairPerTenMinutes: z._default(z.int().check(z.nonnegative()), 40),
    }),
    { ratePerMinute: 60, pairPerTenMinutes: 40 },
  ),
  answer: z._default(z.strictObject({ byParent: z._default(z.boolean(), false) }), {
    byParent: false,
  }),
  notify: z._default(z.array(command), []),
  tell: z._default(z.boolean(), true),
  delivery: z._default(z.strictObject({ modeGraceSeconds: z._default(seconds, 30) }), {
    modeGraceSeconds: 30,
  }),
  restart: z._default(restart, RESTART),
  health: z._default(health, HEALTH),
  merge: z._default(
    z.strictObject({
      into: z.optional(z.string().check(z.minLength(1))),
      gates: z._default(z.array(command), []),
      gateMinutes: z._default(minutes.check(z.maximum(GATE.most)), GATE.minutes),
      env: z.optional(z.array(variable)),
    }),
    { gates: [], gateMinutes: GATE.minutes },
  ),
  worktree: z._default(setUpShape, NO_SET_UP),
  mcp: z._default(z.boolean(), false),
  env: z._default(z.strictObject({ keep: z._default(z.array(variable), []) }), { keep: [] }),
  budget: z._default(budgetShape, { warnAt: 0.8 }),
  costs: z._default(z.strictObject({ prices: z._default(pricesShape, {}) }), { prices: {} }),
  roles: z._default(z.record(z.string(), z.nullable(z.strictObject({}))), {}),
  retention: z._default(retentionShape, RETENTION),
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

/** `.overture/config.yaml`. `mail.ratePerMinute: 0` means no limit for agents either. */
export type Config = z.infer<typeof shape>;

/** The line of a file (from 1) in which a setting stands, by its path; undefined: not known. */
export type LineOf = (path: readonly PropertyKey[]) => number | undefined;

/** Throws `usage` that names every wrong field, its line and the setting that may be meant. */
export function checkConfig(value: unknown, path: string, lineOf?: LineOf): Config {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const wrong = result.error.issues.map((issue) => {
    const extra = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
    return extra.map((key) => {
      const at = lineOf?.(key === undefined ? issue.path : [...issue.path, key]);
      const one = key === undefined ? issue : { ...issue, keys: [key] };
      const near = key === undefined ? undefined : nearest(key, settingsAt(issue.path));
      const meant = near === undefined ? "" : ` (did you mean "${near}"?)`;
      return `${at === undefined ? "" : `line ${at}: `}${sayIssues([one], "(file)")}${meant}`;
    });
  });
  throw new AppError("usage", `${path}: ${wrong.flat().join("; ")}`, "see docs/config.md");
}

/** The settings that may stand at a path. */
function settingsAt(path: readonly PropertyKey[]): string[] {
  // biome-ignore lint/suspicious/noExplicitAny: the parts of a schema are of many kinds.
  let at: any = shape;
  const inner = () => {
    while (at?._zod.def.innerType) at = at._zod.def.innerType;
  };
  for (const word of path) {
    inner();
    at = at?._zod.def.shape?.[word] ?? at?._zod.def.valueType;
  }
  inner();
  return Object.keys(at?._zod.def.shape ?? {});
}

/** What is assumed where the settings cannot be read: the defaults. */
export const assumedConfig = (): Config => shape.parse({ project: { name: "project" } });

/** What a sender may send; see `Limits` of the store. */
export const limitsOf = ({ mail }: Config) => ({
  perMinute: mail.ratePerMinute,
  perPair: mail.pairPerTenMinutes,
});

const MINUTE = 60_000;

export const restartOf = ({ restart }: Config): RestartPolicy => ({
  policy: restart.policy,
  limit: restart.limit,
  withinMs: restart.withinMinutes * MINUTE,
  backoffMs: restart.backoffSeconds * 1000,
});

export const healthOf = ({ health }: Config): HealthLimits & { step: number } => ({
  stalled: health.stalledMinutes * MINUTE,
  silent: health.silentMinutes * MINUTE,
  step: health.stepMinutes * MINUTE,
});
