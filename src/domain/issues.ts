import type * as z from "zod/mini";

/** Wrong fields in words, `path: what was expected`; `whole` stands for the value itself. */
export function sayIssues(issues: readonly z.core.$ZodIssue[], whole: string): string {
  return issues.map((issue) => `${issue.path.join(".") || whole}: ${say(issue)}`).join("; ");
}

function say(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.map(String).join(" or ")}`;
    case "unrecognized_keys":
      return `unknown field ${issue.keys.join(", ")}`;
    case "too_small":
      return `expected at least ${issue.minimum}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    case "invalid_format":
      return `expected ${"pattern" in issue ? issue.pattern : issue.format}`;
    default:
      return issue.message;
  }
}
