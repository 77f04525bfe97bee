import { fails, healthy, type Look, warns } from "../../domain/finding.ts";
import type { TmuxTrial } from "../../ports/doctor.ts";
import type { Check, MachineTools } from "./tools.ts";

interface Habit {
  id: string;
  fact: Exclude<keyof TmuxTrial, "fix">;
  say: typeof fails;
  what: string;
}

/** What delivery relies on; each is tried on a server of its own. */
const HABITS: readonly Habit[] = [
  {
    id: "tmux-opens",
    fact: "opens",
    say: fails,
    what: "no pane can be opened with our settings",
  },
  {
    id: "tmux-utf8",
    fact: "utf8",
    say: fails,
    what: "text that is not ASCII is not shown as it is, so that screens cannot be read",
  },
  {
    id: "tmux-guard",
    fact: "guard",
    say: fails,
    what: "a guard does not refuse what it must: do not let it type into panes",
  },
  {
    id: "tmux-paste",
    fact: "paste",
    say: fails,
    what: "a paste does not arrive as it is, in one bracketed frame",
  },
  {
    id: "tmux-search",
    fact: "search",
    say: warns,
    what: "the screen cannot be searched in a guard, which Gemini CLI's composer needs",
  },
  {
    id: "tmux-title",
    fact: "title",
    say: warns,
    what: "titles that programs set are not told, by which some states are known sooner",
  },
];

export const tmux: readonly Check[] = HABITS.map((habit) => ({
  id: habit.id,
  needs: "machine",
  look: (tools) => look(tools, habit),
}));

async function look({ trial, programs }: MachineTools, habit: Habit): Promise<Look> {
  const facts = await trial();
  const wrong = facts[habit.fact];
  if (wrong === undefined) return healthy(habit.fact);
  // What came before it is wrong, and is the one thing to say.
  if (wrong === null) return healthy(`${habit.fact} not tried`);
  const { version, install } = (await programs()).tmux;
  const evidence = `tmux ${version ?? "?"}: ${wrong}`;
  const fix = facts.fix ?? `a newer one (3.3a was measured): ${install}`;
  return { said: "", problems: [habit.say({ what: habit.what, evidence, fix })] };
}
