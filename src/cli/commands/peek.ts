import { AppError } from "../../domain/errors.ts";
import { liveSession } from "../live.ts";
import type { Register } from "../verbs.ts";

const SGR = /\x1b\[[0-9;:]*m/g;

export const register: Register = (command, context) => {
  command
    .argument("<agent>", "its name")
    .option("--color", "keep the colours")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov peek builder-1\n")
    .action(async (name: string, { color }: { color?: boolean }) => {
      const { terminal } = await context.team();
      const [look] = await terminal.look([liveSession(context, name).pane]);
      if (look?.unreached) throw new AppError("refused", look.unreached.why, look.unreached.fix);
      const frame = look?.frame;
      if (!frame) throw new AppError("not_found", `the pane of ${name} is gone`, "ov status");
      const lines = frame.lines.map((line) => (color ? line : line.replace(SGR, "")).trimEnd());
      while (lines.at(-1) === "") lines.pop();
      await context.out.done("peek", { agent: name, lines }, lines.join("\n"));
    });
};
