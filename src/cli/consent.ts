import type { Context } from "./context.ts";

/** Whether a person sits at this terminal and may be asked. */
export const canAsk = (context: Pick<Context, "caller" | "out">): boolean =>
  process.stdin.isTTY === true &&
  process.stderr.isTTY === true &&
  !context.out.json &&
  context.caller() === undefined;

/** Only a typed "yes" is one. */
export async function isYes(question: string): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((done) => lines.once("close", () => done("")));
    const typed = await Promise.race([lines.question(`${question} Type yes: `), ended]);
    return typed.trim().toLowerCase() === "yes";
  } finally {
    lines.close();
  }
}
