import * as z from "zod/mini";

/** A program in a pane that would run what is typed as a command. */
const SHELLS = /^-?(ba|da|z|fi|k|c|tc|a|nu|pw)?sh$|^(nu|xonsh|elvish)$/;

/** Whether a program is a shell, by its path or name: letters are never typed into one. */
export const isShell = (program: string): boolean => SHELLS.test(program.split("/").at(-1) ?? "");

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text, "m");
    return true;
  } catch {
    return false;
  }
};

/** Text of a regular expression, whose `^` and `$` are those of a line. */
export const pattern = z
  .string()
  .check(
    z.minLength(1),
    z.refine(isPattern, { error: "expected a regular expression", abort: true }),
  );

/** One whose first group holds what stands in the composer. */
export const promptPattern = pattern.check(
  z.refine((text) => new RegExp(`${text}|`).exec("")!.length > 1, {
    error: "expected a group around the draft, as in ^> (.*)$",
  }),
);

/** As tmux names a program in front; it becomes part of a tmux format. */
export const programName = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/));

/** What `runtimes.<name>` says of a program that Overture knows nothing of. */
export interface GenericSettings {
  command?: string | undefined;
  args: readonly string[];
  prompt?: string | undefined;
  busy?: string | undefined;
  dialog?: string | undefined;
  error?: string | undefined;
  commands?: readonly string[] | undefined;
  settleMs?: number | undefined;
}

const OWN = ["prompt", "busy", "dialog", "error", "commands", "settleMs"] as const;

/** What is wrong with the fields of one runtime together: field and words. */
export function genericIssues(
  name: string,
  settings: GenericSettings & { type?: "generic" | undefined },
): { field: string; message: string }[] {
  if (settings.type !== "generic") {
    return OWN.filter((field) => settings[field] !== undefined).map((field) => ({
      field,
      message: "only for type: generic",
    }));
  }
  const found = [];
  const program = settings.command ?? name;
  if (settings.prompt === undefined) {
    found.push({ field: "prompt", message: "expected how its composer's line looks, as ^> (.*)$" });
  }
  if ([program, ...(settings.commands ?? [])].some(isShell)) {
    found.push({ field: "command", message: "a shell would run what is typed into it" });
  }
  return found;
}
