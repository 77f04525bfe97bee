import { AppError } from "../domain/errors.ts";

/** All of stdin. A terminal is refused: nobody was asked to type. */
export async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) {
    throw new AppError("usage", "no --body, and stdin is a terminal", "give --body or pipe a text");
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** What a hook's caller says on stdin, within a short time; a terminal says nothing. */
export async function readHookInput(ms: number): Promise<string> {
  if (process.stdin.isTTY) return "";
  const late = new Promise<string>((done) => setTimeout(done, ms, "").unref());
  return Promise.race([readStdin(), late]);
}
