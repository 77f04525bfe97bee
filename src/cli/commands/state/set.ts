import type { Command } from "commander";
import { isConflict, isDeleted } from "../../../domain/fact.ts";
import { checkValue, isSame, type Json, parseJson } from "../../../domain/json.ts";
import { type Setting, setFact } from "../../../usecases/share-state.ts";
import { withState } from "../../context/state.ts";
import type { Context } from "../../context.ts";
import { natural } from "../../options.ts";
import { readStdin } from "../../stdin.ts";
import { inConflict } from "./get.ts";
import { conflictText, factJson, valueText } from "./view.ts";

interface SetOptions {
  jsonValue?: boolean;
  base?: number;
  agent?: string;
}

export function registerSet(state: Command, context: Context): void {
  writing(state.command("set"))
    .description("write a fact: its next version")
    .argument("<key>", "the fact: letters, digits, . - and _")
    .argument("[value]", "a text, as it is; without it, it is read from stdin")
    .option("--json-value", "the value is JSON: a number, a list, an object …")
    .addHelpText(
      "after",
      `
A write goes by what its writer has read with ov state get. What others wrote meanwhile is
merged, field by field in objects; what both changed differently is a conflict: both values
stay, both writers get a letter, and the exit code is 1.

Examples:
  ov state set api-port 8091
  ov state set deploy --json-value '{"host":"a1","ready":true}'
  git rev-parse HEAD | ov state set release
`,
    )
    .action(async (key: string, text: string | undefined, { jsonValue, ...rest }: SetOptions) => {
      const given = text ?? (await readStdin()).replace(/\n$/, "");
      const value = checkValue(jsonValue ? parseJson(given, "the value") : given);
      await write(context, "state set", { ...named(context, rest), key, value });
    });

  writing(state.command("delete"))
    .description("delete a fact; a change that did not know of it is a conflict, no return")
    .argument("<key>", "the fact")
    .addHelpText("after", "\nExample:\n  ov state delete api-port\n")
    .action((key: string, options: SetOptions) =>
      write(context, "state delete", { ...named(context, options), key }),
    );
}

const writing = (command: Command) =>
  command
    .option("--base <version>", "go by this version, 0 for none; default: what you read", natural)
    .option("--agent <name>", "who writes (default: $OV_AGENT, else orchestrator)")
    .option("--json", "print JSON only");

const named = (context: Context, { base, agent }: SetOptions) => ({
  base,
  agent: context.identity(agent),
});

const write = (context: Context, command: string, setting: Setting) =>
  withState(context, async (tools) => {
    const { fact, told } = setFact(tools, setting);
    await context.kick(told);
    const data = { ...factJson(fact), told };
    if (isConflict(fact)) {
      const text = conflictText(fact, tools.state.origin);
      await context.out.done(command, data, text, inConflict(fact.key));
      return;
    }
    const isMerged = !isSame(fact.view.value, setting.value);
    const word = isDeleted(fact) ? " deleted" : isMerged ? merged(fact.view.value) : "";
    await context.out.done(command, data, `${fact.key} v${fact.version}${word}`);
  });

const merged = (value: Json | undefined) =>
  `, merged with what others wrote:\n${valueText(value, 2)}`;
