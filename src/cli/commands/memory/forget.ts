import { forget } from "../../../usecases/keep-memory.ts";
import type { Register } from "../../verbs.ts";
import { toolsOf } from "./options.ts";

export const register: Register = (command, context) => {
  command
    .argument("<key>", "the note, or how its key begins")
    .option("--agent <name>", "who forgets it (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      "\nExample:\n  ov forget release    (ov rollback release --to 1 brings it back)\n",
    )
    .action(async (key: string, { agent }: { agent?: string }) => {
      const gone = forget(toolsOf(context), key, context.identity(agent));
      const text = `${gone.key} is forgotten; bring it back: ov rollback ${gone.key} --to ${gone.version - 1}`;
      await context.out.done("forget", { key: gone.key, version: gone.version }, text);
    });
};
