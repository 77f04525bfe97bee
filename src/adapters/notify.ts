import { closeSync, constants, openSync, writeSync } from "node:fs";
import { AppError } from "../domain/errors.ts";
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

const TO_TERMINAL = constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK;

/** Rings the bell of these terminals (their devices). One that has gone, or is full, is left out. */
export function ring(terminals: readonly string[]): void {
  for (const path of terminals) {
    try {
      const terminal = openSync(path, TO_TERMINAL);
      try {
        writeSync(terminal, "\u0007");
      } finally {
        closeSync(terminal);
      }
    } catch (error) {
      if (!(error as NodeJS.ErrnoException).code) throw error;
    }
  }
}

const SCRIPT =
  "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run";

/** A notice on the desktop, where there is one. The words are arguments: nothing runs them. */
export async function desktopNotice(
  title: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const isMac = process.platform === "darwin";
  if (!isMac && !env.DISPLAY && !env.WAYLAND_DISPLAY) return;
  const call = isMac
    ? { program: "osascript", args: ["-e", SCRIPT, title, text] }
    : { program: "notify-send", args: ["--app-name=Overture", "--", title, text] };
  try {
    await run(call.program, call.args, { timeoutMs: TIMEOUT_MS });
  } catch (error) {
    // A desktop without such a program, or one that is gone, is none.
    if (!(error instanceof AppError)) throw error;
  }
}
