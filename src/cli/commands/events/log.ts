import { cleanHeader, head } from "../../../domain/text.ts";
import { readHookInput } from "../../stdin.ts";
import type { Register } from "../../verbs.ts";

const STDIN_MS = 1_000;

interface Options {
  agent?: string;
  stdin?: boolean;
}

export const register: Register = (command, context) => {
  command
    .argument("<what>", "tool-start, tool-end, session-end, or another word")
    .option("--agent <name>", "whose (default: $OV_AGENT)")
    .option("--stdin", "read the hook's JSON, and note the tool that it names")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Accepted for settings that Overstory wrote: its hooks call this at every tool. It stores one event,
prints nothing, and always ends with 0. Our own hooks do not need it: ov hooks install.

Example:
  ov log tool-start --agent builder-1 --stdin
`,
    )
    .action(async (what: string, { agent, stdin }: Options) => {
      const said = stdin ? await readHookInput(STDIN_MS) : undefined;
      const name = context.identity(agent);
      const data = { what: short(what), tool: toolOf(said) };
      context.store.events.add("hook.log", { agent: name, data });
    });
};

const short = (text: string) => head(cleanHeader(text), 80);

/** The tool that a hook's JSON names; what else stands there may be anybody's text. */
function toolOf(said: string | undefined): string | undefined {
  try {
    const { tool_name: tool } = JSON.parse(said ?? "{}") ?? {};
    return typeof tool === "string" ? short(tool) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
