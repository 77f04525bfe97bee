import { natural } from "../../options.ts";
import type { Register } from "../../verbs.ts";
import { withFilters } from "./options.ts";
import { type Choice, filterOf, show } from "./view.ts";

export const register: Register = (command, context) => {
  withFilters(command, 1_000)
    .option("--after <event>", "only what came after the event of this number", natural, 0)
    .addHelpText(
      "after",
      `
All agents side by side, from the beginning on; --limit counts from there.

Example:
  ov replay --since 8h
`,
    )
    .action((choice: Choice) => show(context, "replay", filterOf(context, choice), false));
};
