import { run } from "./process.ts";

const TIMEOUT_MS = 10_000;

/**
 * Runs a person's own program with the news as JSON on its stdin. No shell: nothing in the news
 * can become a command. Resolves to what went wrong, in words, or undefined.
 */
export async function runNotifier(
  command: readonly string[],
  news: object,
): Promise<string | undefined> {
  try {
    await run(command[0]!, command.slice(1), {
      input: `${JSON.stringify(news)}\n`,
      timeoutMs: TIMEOUT_MS,
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
