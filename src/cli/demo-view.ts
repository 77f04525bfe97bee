import kleur from "kleur";
import { checkMail } from "../usecases/check-mail.ts";
import type { DemoTools } from "../usecases/run-demo.ts";
import { type AgentStatus, teamStatus } from "../usecases/team-status.ts";
import { type Context, makeId, now, pause } from "./context.ts";
import { colorState, table } from "./table.ts";

/** The story as lines, and below them in a terminal the team as it is now. */
export async function demoTools(context: Context): Promise<DemoTools> {
  const team = await context.team();
  const proofs = await context.proofs();
  const { store } = context;
  const stream = context.out.json ? process.stderr : process.stdout;
  let footer = 0;
  const erase = () => {
    if (footer > 0) stream.write(`\x1b[${footer}A\x1b[J`);
    footer = 0;
  };
  return {
    store,
    now,
    pause,
    status: () => teamStatus(team),
    async readMail() {
      const reading = await checkMail({ store, now, ...proofs }, "orchestrator", makeId("demo"));
      reading.printed();
      return reading.letters;
    },
    say(ms, who, what) {
      erase();
      const time = `${(ms / 1000).toFixed(1)}s`.padStart(6);
      stream.write(`${kleur.dim(time)}  ${kleur.bold(who.padEnd(12))} ${what}\n`);
    },
    show(statuses) {
      if (!stream.isTTY) return;
      const text = draw(statuses);
      erase();
      stream.write(text);
      footer = text.split("\n").length - 1;
    },
  };
}

function draw(statuses: readonly AgentStatus[]): string {
  const rows = statuses
    .filter(({ agent }) => agent.kind === "local")
    .map((s) => [
      s.agent.name,
      colorState(s.state),
      s.unread > 0 ? `${s.unread} unread` : "",
      s.held.join(", "),
    ]);
  return `\n${table(["AGENT", "STATE", "MAIL", "HELD"], rows)}\n`;
}
