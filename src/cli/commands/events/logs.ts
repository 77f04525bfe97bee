import type { Register } from "../../verbs.ts";
import { withFilters } from "./options.ts";
import { type Choice, filterOf, show } from "./view.ts";

export const register: Register = (command, context) => {
  withFilters(command, 200)
    .option("--follow", "go on with what happens, until Ctrl+C")
    .addHelpText("after", "\nExample:\n  ov logs --since 2h --json\n")
    .action((choice: Choice) =>
      show(context, "logs", filterOf(context, choice), choice.follow === true),
    );
};
