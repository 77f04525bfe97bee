import type { Command } from "commander";
import { limitOption, positive } from "../../options.ts";

export const withFilters = (command: Command, limit: number): Command =>
  command
    .option("--agent <name>", "only of this agent")
    .option("--kind <kind>", "only of this kind, as mail or mail.sent")
    .option("--since <duration>", "not older than this, as 1h")
    .option("--before <event>", "only what came before the event of this number", positive)
    .addOption(limitOption(limit))
    .option("--json", "print JSON only; with --follow an object a line");
