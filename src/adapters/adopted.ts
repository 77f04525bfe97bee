import { rmSync } from "node:fs";
import { join } from "node:path";
import type { PaneRef } from "../domain/agent.ts";
import { readIfThere, writeWhole } from "./files.ts";

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

/** A hook may read it at any moment. */
export function announce(home: string, pane: PaneRef, { agent, session, pid }: Adopted): void {
  const path = pathOf(home, pane.serverPid, pane.pane);
  writeWhole(path, `${agent} ${session} ${pid}\n`);
}

/** Only the file of this session: the pane may have been adopted again. */
export function forget(home: string, pane: PaneRef, session: string): void {
  const path = pathOf(home, pane.serverPid, pane.pane);
  if (read(path)?.session === session) rmSync(path, { force: true });
}

function read(path: string): Adopted | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const [agent = "", session = "", pid = ""] = text.trim().split(" ");
  return { agent, session, pid: Number(pid) };
}
