import { saveCheckpoint } from "../../usecases/save-checkpoint.ts";
import type { Register } from "../verbs.ts";

interface Options {
  agent?: string;
  summary?: string;
  pending?: string;
}

export const register: Register = (command, context) => {
  command
    .option("--agent <name>", "whose (default: $OV_AGENT)")
    .option("--summary <text>", "what is done; it stays until you say something else")
    .option("--pending <text>", "what is left")
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
    .action(async ({ agent, summary, pending }: Options) => {
      const name = context.identity(agent);
      const tools = await context.checkpoint();
      const { checkpoint, isNew, id } = await saveCheckpoint(tools, name, "manual", {
        summary,
        pending,
      });
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
