import { Option } from "commander";
import { parseDuration } from "../../domain/duration.ts";
import { AppError } from "../../domain/errors.ts";
import { HANDOFF_REASONS, type HandoffReason } from "../../domain/handoff.ts";
import { failureOf, linesOf } from "../../domain/start.ts";
import { askForState } from "../../usecases/ask-for-state.ts";
import { handOff } from "../../usecases/hand-off.ts";
import { saveCheckpoint } from "../../usecases/save-checkpoint.ts";
import { now } from "../context.ts";
import { outcomeOf, startData } from "../starts.ts";
import type { Register } from "../verbs.ts";

const CONFINED = "ask for it by letter, or: ov checkpoint --summary … --pending …";

interface Options {
  reason: HandoffReason;
  summary?: string;
  pending?: string;
  to?: string;
  runtime?: string;
  wait: string;
}

export const register: Register = (command, context) => {
  command
    .argument("[agent]", "whose session (default: $OV_AGENT, the caller's own)")
    .addOption(new Option("--reason <word>", "why").choices(HANDOFF_REASONS).default("manual"))
    .option("--summary <text>", "what is done, in the agent's words")
    .option("--pending <text>", "what is left")
    .option("--to <name>", "another agent takes the work over (default: the same)")
    .option("--runtime <name>", "go on with another program (default: the same)")
    .option(
      "--wait <duration>",
      "how long the agent may take to say it itself; 0: not at all",
      "60s",
    )
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Gives an agent a new session with a fresh context: its work is written down first, then its program
is ended, and a new one begins in the same pane and worktree with what was written down. The agent
is asked for its own words before, unless you give them or it calls this itself. Broken off
anywhere, ov resume completes it. With --to a new name gets task, branch, worktree and unread
letters, and what is written to the old one goes to it.

Examples:
  ov handoff builder-1
  ov handoff --summary "The parser is done" --pending "wire it into main"     an agent, of itself
  ov handoff builder-1 --runtime codex --wait 0
  ov handoff builder-1 --to builder-2 --reason timeout
`,
    )
    .action(async (named: string | undefined, options: Options) => {
      const name = context.named(named);
      const { reason, summary, pending, to, runtime } = options;
      const wait = parseDuration(options.wait, "--wait");
      const isSaid = summary !== undefined || pending !== undefined;
      const said = { summary, pending };
      const tools = await context.succession();
      if (context.env.OV_AGENT === name) {
        // It would end with the program that called it, in the middle.
        if (context.env.OV_CONFINED) throw new AppError("refused", "a sandbox holds you", CONFINED);
        await saveCheckpoint(tools, name, "handoff", said);
        const more = [
          ...(to === undefined ? [] : ["--to", to]),
          ...(runtime === undefined ? [] : ["--runtime", runtime]),
        ];
        await context.later(["handoff", name, "--wait", "0", "--reason", reason, ...more]);
        return context.out.done("handoff", { agent: name, begun: true }, "your session ends now");
      }
      const { changed } = await context.watchStore();
      const asking = { store: context.store, now, kick: context.kick, changed };
      let told = isSaid;
      const isAsked = !isSaid && wait > 0;
      const ask = async () => {
        if (!isAsked) return;
        context.out.note(`asked ${name} for its own words: waiting up to ${options.wait}`);
        told = await askForState(asking, name, wait);
      };
      const { record, session, made } = await handOff(tools, name, {
        reason,
        said,
        to,
        runtime,
        ask,
      });
      const { agent } = session;
      await context.kick([agent]);
      const outcome = await outcomeOf(context, { session, made });
      const { start, kept } = outcome;
      const words = isAsked && !told ? `; asked for its own words, ${name} said none` : "";
      const does = agent === name ? "begins anew" : `takes over from ${name}`;
      const text = [
        `${agent} ${does} (${session.runtime})${words}`,
        ...linesOf(agent, start, kept),
        `look: ov peek ${agent}`,
      ];
      const data = { agent, record, told, sessionId: session.id, ...startData(outcome) };
      await context.out.done("handoff", data, text.join("\n"), failureOf(agent, start));
    });
};
