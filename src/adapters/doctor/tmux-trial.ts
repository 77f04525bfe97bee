import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { PaneRef } from "../../domain/agent.ts";
import { AppError } from "../../domain/errors.ts";
import type { TmuxTrial } from "../../ports/doctor.ts";
import type { Frame, Guard, Terminal, WriteResult } from "../../ports/terminal.ts";
import { isAlive } from "../alive.ts";
import { readIfThere } from "../files.ts";
import { quote } from "../quote.ts";
import { tmux } from "../tmux.ts";
import { checkSocket, pathOf } from "../tmux-server.ts";

const DEADLINE_MS = 4_000;
const POLL_MS = 20;
const SHOWN = "\u203a gr\u00fc\u00dfe \u2713 \u6f22";
const TITLE = "ov-title";
const ROW = "the row above";
/** All that send-keys or a typed paste would change, and more than one command may hold. */
const TEXT = `-l gr\u00fc\u00dfe \u2713 \u6f22;\n\t#{pane_id} ${"0123456789".repeat(2_000)};`;

/**
 * Says whose pane it is in, and that it is ready; then takes what is pasted as it is. The row stands
 * twice, as after a resize.
 */
const script = (server: string, got: string) => `#!/bin/sh
echo "$TMUX" >${quote(server)}
stty raw -echo
printf '\\033]2;${TITLE}\\007${ROW}\\r\\n${ROW}\\r\\n${SHOWN}\\033[?2004h'
exec cat >${quote(got)}
`;

/** Beside the team's own socket, with a name of the same length, so that what fails there fails here. */
function socketBeside(socket: string): string {
  const path = pathOf({ socket });
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { mode: 0o700 });
  const name = randomBytes(32)
    .toString("hex")
    .slice(0, Math.max(1, basename(path).length));
  return join(dirname(path), name);
}

/**
 * Does on a server of its own, on a socket beside the team's (in a temporary folder where there is
 * no project), what delivery does on the team's: opens a pane with our settings, looks at it, tries
 * guards and pastes. The server ends with its pane.
 */
export async function tryTmux(configFile: string, team?: string): Promise<TmuxTrial> {
  try {
    if (team !== undefined) checkSocket(team);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { fix: error.hint, opens: error.message, utf8: null, ...UNTRIED };
  }
  const room = realpathSync(mkdtempSync(join(tmpdir(), "ov-doctor-")));
  const terminal = tmux(configFile);
  const socket = team === undefined ? join(room, "socket") : socketBeside(team);
  const got = join(room, "got");
  writeFileSync(join(room, "pane.sh"), script(join(room, "server"), got), { mode: 0o700 });
  let pane: PaneRef | undefined;
  try {
    pane = await terminal.open({
      socket,
      window: "doctor",
      cwd: room,
      script: join(room, "pane.sh"),
      mark: "doctor",
    });
    return { opens: undefined, ...(await tryPane(terminal, pane, got)) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { opens: error.message, utf8: null, ...UNTRIED };
  } finally {
    const closed = pane !== undefined && (await terminal.close(pane));
    if (existsSync(socket)) await end(join(room, "server"), closed);
    rmSync(socket, { force: true });
    rmSync(room, { recursive: true, force: true });
  }
}

const UNTRIED = { title: null, guard: null, search: null, paste: null };

async function tryPane(
  terminal: Terminal,
  pane: PaneRef,
  got: string,
): Promise<Omit<TmuxTrial, "opens">> {
  const look = async () => (await terminal.look([pane]))[0]?.frame;
  const isReady = (frame: Frame | undefined) =>
    frame?.command === "cat" && frame.lines.some((line) => line.includes(ROW));
  const frame = await until(look, isReady);
  // Not even what tmux says of the pane can be read.
  if (!frame) return { utf8: "its answers could not be read", ...UNTRIED };
  const lines = frame.lines.join("\n").trimEnd();
  const guard: Guard = { commands: ["cat"], leaveMode: true };
  const paste = (change: Partial<Guard>) =>
    saying(() => terminal.paste(pane, TEXT, { ...guard, ...change }));
  const at = { x: frame.cursorX, y: frame.cursorY };

  const stranger = await paste({ commands: ["nobody"] });
  const elsewhere = await paste({ cursor: { ...at, row: { y: 2, text: ROW } } });
  const early = readIfThere(got) ?? "";
  const here = await paste({ cursor: { ...at, row: { y: 1, text: ROW } } });
  const whole = `\u001b[200~${TEXT}\u001b[201~`;
  const bytes = await until(
    async () => readIfThere(got) ?? "",
    (text) => text.length >= whole.length,
  );
  const wants = (is: string, wanted: string) => (is === wanted ? undefined : `it said: ${is}`);
  return {
    utf8: lines.includes(SHOWN) ? undefined : `"${SHOWN}" came back as: ${lines}`,
    title: frame.title === TITLE ? undefined : `"${TITLE}" came back as "${frame.title}"`,
    guard:
      early === ""
        ? wants(stranger, "not_the_agent")
        : "text was pasted though the guard forbade it",
    search: wants(elsewhere, "screen_changed") ?? wants(here, "ok"),
    paste: bytes === whole ? undefined : compare(bytes, whole),
  };
}

async function saying(write: () => Promise<WriteResult>): Promise<string> {
  try {
    const result = await write();
    return result.ok ? "ok" : result.refusal;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

function compare(got: string, wanted: string): string {
  const at = [...wanted].findIndex((_, i) => got[i] !== wanted[i]);
  const near = JSON.stringify(got.slice(Math.max(0, at - 8), at + 12));
  return `${wanted.length} characters were pasted and ${got.length} came; they differ from ${at} on: ${near}`;
}

async function until<T>(fact: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const value = await fact();
    if (fits(value) || Date.now() >= deadline) return value;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

/**
 * A server that outlives its pane, or whose answers were not understood, is ended by the pid that
 * it gave its pane.
 */
async function end(told: string, closed: boolean): Promise<void> {
  const text = await until(
    async () => readIfThere(told),
    (found) => found?.endsWith("\n") === true,
  );
  const pid = Number(text?.split(",").at(-2));
  const isGone = () =>
    until(
      async () => !isAlive(pid),
      (gone) => gone,
    );
  if (!(pid > 0) || (closed && (await isGone())) || !isAlive(pid)) return;
  process.kill(pid, "SIGTERM");
  await isGone();
}
