import { AppError } from "../../domain/errors.ts";
import { maskSecrets } from "../../domain/reply-line.ts";
import { liveSession } from "../live.ts";
import { positive } from "../options.ts";
import type { Register } from "../verbs.ts";

const SGR = /\x1b\[[0-9;:]*m/g;

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .option("--lines <n>", "this many of the last lines, with those that scrolled away", positive)
    .option("--color", "keep the colours")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
A program that draws on the whole screen, as most agents do, scrolls nothing away: then --lines has
no more than the screen.

Examples:
  ov peek builder-1
  ov peek builder-1 --lines 200
`,
    )
    .action(async (name: string, { color, lines: most }: { color?: boolean; lines?: number }) => {
      const { terminal } = await context.team();
      const { pane } = liveSession(context, name);
      const [look] = await terminal.look([pane]);
      if (look?.unreached) throw new AppError("refused", look.unreached.why, look.unreached.fix);
      const rows = most && look?.frame ? await terminal.history(pane, most) : look?.frame?.lines;
      if (!rows) throw new AppError("not_found", `the pane of ${name} is gone`, "ov status");
      const all = rows.map((line) => (color ? line : line.replace(SGR, "")).trimEnd());
      while (all.at(-1) === "") all.pop();
      const shown = maskSecrets(all.join("\n")).split("\n");
      const lines = most ? shown.slice(-most) : shown;
      await context.out.done("peek", { agent: name, lines }, lines.join("\n"));
    });
};
