import type { Command } from "commander";
import { positive } from "../options.ts";

/** What a script for Overstory asks of a lead: it is told so in its first prompt. */
export interface Wishes {
  siblings?: string;
  skipScout?: boolean;
  skipReview?: boolean;
  dispatchMaxAgents?: number;
  profile?: string;
}

export const withWishes = (command: Command): Command =>
  command
    .option("--siblings <list>", "who works beside it, comma separated; it is told so")
    .option("--skip-scout", "tell a lead to do without scouts")
    .option("--skip-review", "tell a lead to do without reviewers")
    .option("--dispatch-max-agents <n>", "tell a lead how many agents it may start", positive)
    .option("--profile <name>", "accepted: it does nothing, profiles are Overstory's");

export function sayWishes(wishes: Wishes): string {
  const names = (wishes.siblings ?? "").split(",").filter(Boolean);
  return [
    names.length > 0 ? `Beside you work: ${names.join(", ")}.` : "",
    wishes.skipScout ? "Start no scouts." : "",
    wishes.skipReview ? "Start no reviewers." : "",
    wishes.dispatchMaxAgents ? `Start at most ${wishes.dispatchMaxAgents} agents.` : "",
  ]
    .filter(Boolean)
    .join("\n");
}
