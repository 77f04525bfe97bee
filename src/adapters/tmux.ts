import { randomBytes } from "node:crypto";
import type { PaneRef } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { FoundPane, Guard, Terminal, WriteResult } from "../ports/terminal.ts";
import { run } from "./process.ts";
import {
  and,
  FIELDS,
  FIND_FIELDS,
  format,
  GONE,
  is,
  parseFacts,
  parseFound,
  REF_FIELDS,
  socketOf,
} from "./tmux-facts.ts";
import { guardFormat, identity, onItsLine, quote, refusalOf } from "./tmux-guard.ts";
import { looker } from "./tmux-look.ts";
import { redrawPane } from "./tmux-redraw.ts";
import {
  askForSocket,
  bornOf,
  checkInstalled,
  checkSocket,
  endPane,
  hasSocket,
  nameTaken,
  pathOf,
  serverMayLive,
} from "./tmux-server.ts";
import { hasUnread } from "./unread.ts";

/** A name below tmux's own folder, or the path of a socket. */
const server = (socket: string) => [socket.includes("/") ? "-S" : "-L", socket];

interface Load {
  buffer: string;
  text: string;
  /** Short, of plain characters. */
  head?: { buffer: string; text: string };
}

const newBuffer = () => `ov-${randomBytes(8).toString("hex")}`;
const pasteFrom = (buffer: string, ref: PaneRef) =>
  `paste-buffer -p -r -d -b ${buffer} -t ${ref.pane}`;
const remember = (ref: PaneRef, name: string, value: string) =>
  `set-option -p -t ${ref.pane} ${name} ${value}`;

/** By the line of `REF_FIELDS`; `socket`: what was asked, for a tmux that does not tell its path. */
const refOf = (socket: string, line: string): PaneRef => {
  const { pane, panePid, serverPid, serverStart, mark } = parseFacts(line);
  const path = socketOf(line) || pathOf({ socket });
  const serverBorn = bornOf(serverPid);
  return { socket: path, pane, panePid, serverPid, serverStart, serverBorn, mark };
};

const foundOn = (socket: string, line: string): FoundPane => {
  const found = parseFound(line);
  const { serverPid } = found;
  return { ...found, socket: pathOf({ socket, serverPid }), serverBorn: bornOf(serverPid) };
};

/** What a server has from whoever starts it; agents have what was decided for each. */
const SERVER_ENV =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TERM|TMPDIR|TMUX_TMPDIR|XDG_\w+|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|SSH_AUTH_SOCK|LD_LIBRARY_PATH)$/;

const ENDING = /server exited|lost server/;
const ENDING_TRIES = 5;
const ENDING_MS = 100;

/** A server makes its socket's file again in a few milliseconds. */
const RESTORE_TRIES = 40;
const RESTORE_MS = 50;

/** Its name, for who looks whether it is there. */
export const TMUX = "tmux";

/** What `tmux -V` says, as `3.3a`; undefined where there is no tmux. */
export async function tmuxVersion(): Promise<string | undefined> {
  try {
    return (await run("tmux", ["-V"], { timeoutMs: 5_000 })).stdout.trim().replace(/^tmux /, "");
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * The one mouth for tmux (measured on 3.3a). A chain of commands in one client call runs
 * atomically in the server, so each write is one call with its guard. Only `paste-buffer -p`
 * frames a paste on every version; text goes by stdin because `send-keys -l` fails on a leading
 * `-`, eats a trailing `;` and ends at 16 KB. Targets are pane ids: names are prefix-matched.
 * `-u`: without a UTF-8 locale tmux prints tabs and all that is not ASCII as `_`.
 */
export function tmux(configFile: string): Terminal {
  const call = (socket: string, args: string[], input?: string) =>
    run("tmux", ["-u", ...server(socket), "-f", configFile, ...args], {
      // A server keeps the environment of its first call; and a person may call from inside their
      // own tmux, whose server is none of ours.
      inherit: SERVER_ENV,
      ...(input === undefined ? {} : { input }),
      timeoutMs: 10_000,
      okCodes: [0, 1],
    });

  /** A server that is just ending takes the call and breaks it off; the next one begins a server. */
  const callNew = async (socket: string, args: string[]) => {
    let result = await call(socket, args);
    for (let i = 0; i < ENDING_TRIES && ENDING.test(result.stderr); i++) {
      await new Promise((done) => setTimeout(done, ENDING_MS));
      result = await call(socket, args);
    }
    return result;
  };

  /** By the path of its socket, whatever folder of sockets this process has. */
  const ask = (ref: PaneRef, args: string[], input?: string) => call(pathOf(ref), args, input);

  const guarded = async (
    ref: PaneRef,
    guard: Guard,
    write: string,
    load?: Load,
  ): Promise<WriteResult> => {
    if (guard.tty && (await hasUnread(guard.tty))) return { ok: false, refusal: "input_unread" };
    const leave = guard.leaveMode ? `copy-mode -q -t ${ref.pane} ; ` : "";
    const buffers = load ? [load.buffer, ...(load.head ? [load.head.buffer] : [])] : [];
    const drop = buffers.map((buffer) => `delete-buffer -b ${buffer} ; `).join("");
    const refuse = `${drop}display-message -p -t ${ref.pane} 'NO\t${format(FIELDS)}'`;
    const done = `${leave}${write} ; display-message -p -t ${ref.pane} OK`;
    const accept = onItsLine(ref, guard, done, refuse);
    const first = load?.head ? ["set-buffer", "-b", load.head.buffer, load.head.text, ";"] : [];
    const chain = load ? [...first, "load-buffer", "-b", load.buffer, "-", ";"] : [];
    const test = ["if-shell", "-F", "-t", ref.pane, guardFormat(ref, guard), accept, refuse];
    const result = await ask(ref, [...chain, ...test], load?.text);
    if (result.stdout.trim() === "OK") return { ok: true };
    if (result.code !== 0) {
      for (const buffer of buffers) await ask(ref, ["delete-buffer", "-b", buffer]);
    }
    const line = /^NO\t(.*)$/m.exec(result.stdout)?.[1];
    if (line !== undefined) return { ok: false, refusal: refusalOf(ref, guard, line) };
    if (GONE.test(result.stderr)) return { ok: false, refusal: "pane_gone" };
    throw new AppError("refused", `tmux: ${result.stderr.trim()}`);
  };

  const { look, answers, tried } = looker(call);

  return {
    check: checkSocket,
    checkProgram: () => checkInstalled(TMUX),

    async open({ socket, window, cwd, script, mark }) {
      const target = `=${window}:`;
      const result = await callNew(socket, [
        ...["new-session", "-d", "-s", window, "-x", "160", "-y", "48", "-c", cwd],
        ...["sh", script, ";"],
        ...["set-option", "-p", "-t", target, "@ov_session", mark, ";"],
        ...["display-message", "-p", "-t", target, format(REF_FIELDS)],
      ]);
      if (/^duplicate session/m.test(result.stderr)) throw nameTaken(socket, window);
      if (result.code !== 0) {
        throw new AppError("refused", `tmux did not open a pane: ${result.stderr.trim()}`);
      }
      return refOf(socket, result.stdout.trimEnd());
    },

    async reopen(ref, { window, script, mark }) {
      const test = and([...identity(ref), is("@ov_session", ref.mark)]);
      const forget = ["@ov_typed", "@ov_entered"].map(
        (name) => `set-option -p -u -t ${ref.pane} ${name}`,
      );
      const steps = [
        `respawn-pane -k -t ${ref.pane} sh ${quote(script)}`,
        remember(ref, "@ov_session", mark),
        ...forget,
        // A name that another pane has stays with that one.
        `rename-session -t ${ref.pane} ${quote(window)}`,
        `display-message -p -t ${ref.pane} '${format(REF_FIELDS)}'`,
      ];
      const run = ["if-shell", "-F", "-t", ref.pane, test, steps.join(" ; ")];
      const result = await ask(ref, run);
      if (result.code !== 0 && !GONE.test(result.stderr)) {
        throw new AppError("refused", `tmux: ${result.stderr.trim()}`);
      }
      const next = refOf(pathOf(ref), result.stdout.trimEnd());
      return next.mark === mark ? next : undefined;
    },

    serves: serverMayLive,

    async restore(ref) {
      // Where another server answers, that one's file would be taken away.
      if (hasSocket(ref) && (await tried(pathOf(ref), ["display-message", "-p", "x"])).code === 0)
        return false;
      if (!askForSocket(ref)) return false;
      for (let i = 0; i < RESTORE_TRIES; i++) {
        if (await answers(ref)) return true;
        await new Promise((done) => setTimeout(done, RESTORE_MS));
      }
      return false;
    },

    async named(socket, window) {
      const ask = ["display-message", "-p", "-t", `=${window}:`, format(REF_FIELDS)];
      const line = (await call(socket, ask)).stdout.trimEnd();
      return parseFacts(line).pane === "" ? undefined : refOf(socket, line);
    },

    look,

    async history(ref, lines) {
      const show = `capture-pane -p -e -S -${lines} -t ${ref.pane}`;
      const test = ["if-shell", "-F", "-t", ref.pane, and(identity(ref)), show];
      const result = await ask(ref, test);
      if (result.code !== 0 && !GONE.test(result.stderr)) {
        throw new AppError("refused", `tmux: ${result.stderr.trim()}`);
      }
      return result.stdout === "" ? undefined : result.stdout.split("\n");
    },

    redraw: (ref) => redrawPane(ref, ask),

    paste(ref, text, guard) {
      const buffer = newBuffer();
      return guarded(ref, guard, pasteFrom(buffer, ref), { buffer, text });
    },

    type(ref, { id, head, body }, guard) {
      const load = { buffer: newBuffer(), text: body, head: { buffer: newBuffer(), text: head } };
      const pastes = `${pasteFrom(load.head.buffer, ref)} ; ${pasteFrom(load.buffer, ref)}`;
      return guarded(ref, guard, `${pastes} ; ${remember(ref, "@ov_typed", id)}`, load);
    },

    press(ref, key, guard, id) {
      const noted = id === undefined ? "" : ` ; ${remember(ref, "@ov_entered", id)}`;
      return guarded(ref, guard, `send-keys -t ${ref.pane} ${key}${noted}`);
    },

    async find(socket, pane) {
      const ask = ["display-message", "-p", "-t", pane, format(FIND_FIELDS)];
      const result = await call(socket, ask);
      if (result.code !== 0 && !GONE.test(result.stderr)) {
        throw new AppError("refused", `tmux: ${result.stderr.trim()}`);
      }
      const found = foundOn(socket, result.stdout.replace(/\n$/, ""));
      return found.pane === pane ? found : undefined;
    },

    async panes(socket) {
      const ask = ["list-panes", "-a", "-F", format(FIND_FIELDS)];
      const result = await call(socket, ask);
      if (result.code === 0)
        return result.stdout
          .split("\n")
          .filter(Boolean)
          .map((line) => foundOn(socket, line));
      if (GONE.test(result.stderr)) return [];
      throw new AppError("refused", `tmux: ${result.stderr.trim()}`);
    },

    async mark(ref, old) {
      const test = and([...identity(ref), is("@ov_session", old), is("pane_dead", 0)]);
      const set = `${remember(ref, "@ov_session", ref.mark)} ; display-message -p OK`;
      const result = await ask(ref, ["if-shell", "-F", "-t", ref.pane, test, set]);
      return result.stdout.trim() === "OK";
    },

    async unmark(ref) {
      const test = and([...identity(ref), is("@ov_session", ref.mark)]);
      const names = ["@ov_session", "@ov_typed", "@ov_entered"];
      const unset = names.map((name) => `set-option -p -u -t ${ref.pane} ${name}`).join(" ; ");
      await ask(ref, ["if-shell", "-F", "-t", ref.pane, test, unset]);
    },

    async close(ref) {
      const test = and([...identity(ref), is("@ov_session", ref.mark)]);
      const kill = `display-message -p -t ${ref.pane} OK ; kill-pane -t ${ref.pane}`;
      const result = await tried(pathOf(ref), ["if-shell", "-F", "-t", ref.pane, test, kill]);
      if (result.stdout.trim() === "OK") return true;
      return !(await answers(ref)) && endPane(ref);
    },

    async attached(socket) {
      const { stdout } = await call(socket, ["list-clients", "-F", "#{client_tty}"]);
      return stdout.split("\n").filter((line) => line.startsWith("/"));
    },

    async show(socket, words) {
      await call(socket, ["set-option", "-g", "@ov_waiting", words]);
    },

    attachCommand: (ref) => [
      ...["tmux", "-u", ...server(pathOf(ref)), "-f", configFile],
      ...["attach-session", "-t", ref.pane],
    ],
  };
}
