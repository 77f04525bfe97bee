import kleur from "kleur";
import { adviceFor, type Share, sayShare } from "../../domain/budget.ts";
import type { Delivery, HoldReason } from "../../domain/delivery.ts";
import { REASON_TEXT } from "../../domain/delivery.ts";
import { formatAge } from "../../domain/duration.ts";
import { unknownWord } from "../../domain/errors.ts";
import type { Redrawn } from "../../usecases/redraw-agent.ts";
import { explainAgent } from "../../usecases/team-status.ts";
import { now } from "../context.ts";
import { colorState } from "../table.ts";
import type { Register } from "../verbs.ts";
import { messageJson } from "./mail/json.ts";

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov explain builder-1\n")
    .action(async (name: string) => {
      const { agents } = context.store;
      const agent = agents.get(name);
      if (!agent) {
        throw unknownWord(
          "agent",
          name,
          agents.list().map((known) => known.name),
        );
      }
      const { state, detail, ending, facts, redrawn, letters, budget } = await explainAgent(
        await context.team(),
        agent,
      );
      const data = {
        agent: name,
        state,
        detail,
        ending: ending ?? null,
        facts: facts.map((fact) => ({ ...fact, ageMs: Math.round(now() - fact.at) })),
        redrawn: redrawn ?? null,
        letters: letters.map(({ message, delivery }) => ({
          ...messageJson(message, [delivery]),
          why: why(delivery),
          nextTryInMs: delivery.nextTryAt === null ? null : Math.max(0, delivery.nextTryAt - now()),
        })),
        budget: budget ?? null,
      };
      const text = [
        `${kleur.bold(name)} is ${colorState(state)}: ${detail}`,
        ...facts.map(
          (f) =>
            `  ${f.source.padEnd(8)} ${f.detail} ${kleur.dim(`(${formatAge(now() - f.at)} ago)`)}`,
        ),
        ...(redrawn ? [again(redrawn)] : []),
        ...(budget ? [spent(budget)] : []),
        heading(letters.length),
        ...letters.map(
          ({ message, delivery }) =>
            `  ${message.id} from ${message.sender} "${message.subject}"\n    ${why(delivery)}${next(delivery)}`,
        ),
      ];
      await context.out.done("explain", data, text.join("\n"));
    });
};

const again = ({ at, why }: Redrawn) =>
  `  redrawn  its program was made to draw its screen again: ${why} ${kleur.dim(`(${formatAge(now() - at)} ago)`)}`;

const spent = (share: Share) => `  budget   ${sayShare(share)}\n           ${adviceFor(share)}`;

function heading(n: number): string {
  if (n === 0) return "No letter waits.";
  return n === 1 ? "1 letter waits:" : `${n} letters wait:`;
}

function why(d: Delivery): string {
  if (d.state === "leased" && d.door === "type") {
    return "typed into the composer, and not known to be submitted yet";
  }
  if (d.state === "offered" && d.door === "type" && d.transcript === null) {
    return "typed and submitted; no transcript is known, so it stays offered until an answer";
  }
  if (d.state === "leased") return "a hook or a reader has taken it just now";
  if (d.state === "offered") return `offered by ${d.door}; its proof is awaited`;
  if (d.reason) return `held: ${d.reason}: ${REASON_TEXT[d.reason as HoldReason] ?? d.reason}`;
  if (d.attempts > 0) return "the agent was woken; its hook takes the letter";
  return "queued: it goes in at the agent's next turn, or wakes it when it is idle";
}

function next(d: Delivery): string {
  if (d.state !== "queued" || d.nextTryAt === null) return "";
  return `; next try in ${formatAge(Math.max(0, d.nextTryAt - now()))}`;
}
