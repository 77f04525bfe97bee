import { AppError } from "../domain/errors.ts";

/** All of stdin. A terminal is refused: nobody was asked to type. */
export async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) {
    throw new AppError(
      "usage",
      "no text was given, and stdin is a terminal",
      "give --body, or pipe a text",
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * What a hook's caller says on stdin until it closes it, or what has come after `ms`: a caller
 * that keeps its end open must not keep this process. Undefined where nothing has come by then and
 * more may. A terminal says nothing.
 */
export function readHookInput(ms: number): Promise<string | undefined> {
  const { stdin } = process;
  if (stdin.isTTY) return Promise.resolve("");
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    const end = (isWhole: boolean) => {
      clearTimeout(timer);
      stdin.destroy();
      done(isWhole || chunks.length > 0 ? Buffer.concat(chunks).toString("utf8") : undefined);
    };
    const timer = setTimeout(end, ms, false);
    stdin.on("data", (chunk: Buffer) => chunks.push(chunk));
    stdin.once("end", () => end(true));
    stdin.once("error", failed);
  });
}
