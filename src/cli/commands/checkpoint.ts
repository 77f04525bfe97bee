import { Option } from "commander";
import type { Moment } from "../../domain/checkpoint.ts";
import { endingByCode, isCrash } from "../../domain/ending.ts";
import { saveCheckpoint } from "../../usecases/save-checkpoint.ts";
import { natural } from "../options.ts";
import type { Register } from "../verbs.ts";

interface Options {
  agent?: string;
  summary?: string;
  pending?: string;
  moment?: Moment;
  ended?: number;
}

export const register: Register = (command, context) => {
  command
    .option("--agent <name>", "whose (default: $OV_AGENT)")
    .option("--summary <text>", "what is done; it stays until you say something else")
    .option("--pending <text>", "what is left")
    .addOption(
      new Option("--moment <word>", "what a hook of ours calls it for")
        .choices(["turn", "compaction"])
        .hideHelp(),
    )
    .addOption(
      new Option("--ended <code>", "what a session's script calls").argParser(natural).hideHelp(),
    )
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Writes down where an agent's work stands, for its next session: branch, commits, changed files,
letters without an answer, what it said last. Kept in the store; checkpoint.json and handoff.md in
.overture/agents/<name> are copies.

Examples:
  ov checkpoint --summary "The parser is done, its tests pass" --pending "wire it into main"
  ov checkpoint --agent builder-1 --json
`,
    )
    .action(async ({ agent, summary, pending, moment, ended }: Options) => {
      const name = context.named(agent);
      const tools = await context.checkpoint();
      const { checkpoint, isNew, id } = await saveCheckpoint(
        tools,
        name,
        ended === undefined
          ? (moment ?? "manual")
          : isCrash(endingByCode(ended))
            ? "crash"
            : "session_end",
        { summary, pending },
      );
      if (ended !== undefined)
        tools.store.events.add("session.over", { agent: name, data: { code: ended } });
      const files = checkpoint.filesModified.length;
      const text = `${name}: ${files} changed ${files === 1 ? "file" : "files"}, ${checkpoint.unacked.length} unanswered`;
      const kept = isNew ? "saved" : "the same was saved before";
      await context.out.done(
        "checkpoint",
        { id, checkpoint, new: isNew },
        `${text}; ${kept} as ${id}`,
      );
    });
};
