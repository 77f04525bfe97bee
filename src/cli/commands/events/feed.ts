import type { Register } from "../../verbs.ts";
import { withFilters } from "./options.ts";
import { type Choice, filterOf, show } from "./view.ts";

export const register: Register = (command, context) => {
  withFilters(command, 20)
    .option("--follow", "go on with what happens, until Ctrl+C")
    .addHelpText("after", "\nExamples:\n  ov feed --follow\n  ov feed --kind mail --agent bo\n")
    .action((choice: Choice) =>
      show(context, "feed", filterOf(context, choice), choice.follow === true),
    );
};
