import { type Event, isFailure } from "../../../domain/event.ts";
import type { Register } from "../../verbs.ts";
import { withFilters } from "./options.ts";
import { type Choice, filterOf, show } from "./view.ts";

/** What is looked through for failures. */
const LOOKED = 10_000;

export const register: Register = (command, context) => {
  withFilters(command, 50)
    .addHelpText(
      "after",
      `
Letters that died, hooks that failed, sessions that ended without being asked.

Example:
  ov errors --since 1d
`,
    )
    .action(async ({ limit, ...choice }: Choice) => {
      const filter = filterOf(context, { ...choice, limit: LOOKED });
      const newest = (events: readonly Event[]) => events.filter(isFailure).slice(-limit);
      await show(context, "errors", filter, false, newest);
    });
};
