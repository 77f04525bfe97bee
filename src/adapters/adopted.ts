import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PaneRef } from "../domain/agent.ts";
import { isAlive, isBelow } from "./alive.ts";
import { readIfThere } from "./files.ts";

/**
 * One small file for each adopted pane, `<home>/adopted/<server pid>-<pane number>`, with the line
 * `<agent> <session> <pid>`: hooks of a program that a person started have no name of ours in
 * their environment, but tmux's TMUX and TMUX_PANE. bin/ov reads it before Node is there.
 */
const pathOf = (home: string, serverPid: number | string, pane: string) =>
  join(home, "adopted", `${serverPid}-${pane.replace(/^%/, "")}`);

export interface Adopted {
  agent: string;
  session: string;
  pid: number;
}

/** Appears whole: a hook may read at any moment. */
export function announce(home: string, pane: PaneRef, { agent, session, pid }: Adopted): void {
  const path = pathOf(home, pane.serverPid, pane.pane);
  mkdirSync(join(home, "adopted"), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${agent} ${session} ${pid}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Only the file of this session: the pane may have been adopted again. */
export function forget(home: string, pane: PaneRef, session: string): void {
  const path = pathOf(home, pane.serverPid, pane.pane);
  if (read(path)?.session === session) rmSync(path, { force: true });
}

/**
 * Whose program this process was started by, by the pane that it runs in; undefined outside of an
 * adopted program. What a person starts beside it, in the same pane, is not the agent's.
 */
export function adoptedHere(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): Adopted | undefined {
  const server = /,(\d+),\d+$/.exec(env.TMUX ?? "")?.[1];
  const pane = /^%\d+$/.exec(env.TMUX_PANE ?? "")?.[0];
  if (server === undefined || pane === undefined) return undefined;
  const found = read(pathOf(home, server, pane));
  return found && isAlive(found.pid) && isBelow(found.pid) ? found : undefined;
}

function read(path: string): Adopted | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const [agent = "", session = "", pid = ""] = text.trim().split(" ");
  return { agent, session, pid: Number(pid) };
}
