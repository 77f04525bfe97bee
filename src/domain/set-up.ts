import * as z from "zod/mini";

/** A path or pattern below the project's folder; `.git` and `.overture` are no work of a project. */
const inside = z.string().check(
  z.refine((path) => {
    const parts = path.replace(/^\.\/|\/$/g, "").split("/");
    const isOut = path.startsWith("/") || parts.some((part) => part === ".." || part === "");
    return !isOut && !/[\\\0]/.test(path) && !/^(\.|\.git|\.overture)$/.test(parts[0]!);
  }, "expected a path inside the project, such as .env or packages/*/node_modules"),
);

/** How a new worktree is made ready, for an agent or for the gates of a merge. */
export const setUpShape = z.strictObject({
  copy: z._default(z.array(inside), []),
  link: z._default(z.array(inside), []),
  run: z._default(z.array(z.string().check(z.minLength(1))), []),
});

export type SetUp = z.infer<typeof setUpShape>;

export const NO_SET_UP: SetUp = { copy: [], link: [], run: [] };

export interface SetUpDone {
  /** What could not be had, one line each. */
  missing: string[];
  /** The command that failed, with the end of its output; those after it were not run. */
  failed?: { command: string; output: string; timedOut?: true | undefined } | undefined;
}
