import {
  closeSync,
  constants,
  existsSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Bell } from "../../ports/runtime.ts";
import { isAlive } from "../alive.ts";
import { listIfThere, readIfThere } from "../files.ts";
import { randomBytes } from "../random.ts";

/**
 * Waits behind an agent at no cost until its bell is rung, then says what was left for it. The
 * bell is a named pipe in the session's folder, kept open: a word that comes while the one before
 * is looked at is not lost. What is said stands in a file of its own before the bell is rung, which
 * names it: two who ring within milliseconds must not say each other's words. It is taken by a
 * rename and added to `heard`, which tells what left our hands. Exit 2 makes a program with
 * `asyncRewake` take a turn with it. A notice of mail that a hook has taken meanwhile is let
 * pass. One waiter a session.
 */
export const BELL_SCRIPT = `#!/bin/sh
# Written by Overture; usage: bell.sh <folder of the session>
dir=$1
rung=
# A shell that fails ends with 2 (dash), which would wake the agent with an error message.
trap '[ -n "$rung" ] || exit 0' EXIT
[ -d "$dir" ] || exit 0
if [ -f "$dir/waiter" ] && kill -0 "$(cat "$dir/waiter")" 2>/dev/null; then exit 0; fi
[ -p "$dir/bell" ] || mkfifo -m 600 "$dir/bell" 2>/dev/null || exit 0
echo $$ >"$dir/waiter"
exec 3<>"$dir/bell"
while read -r word ring <&3; do
  case $ring in *[!a-z0-9-]*) exit 0 ;; esac
  case $word in
    letters) ;;
    notice)
      if [ ! -e "$OV_ROOT/.overture/mail/$OV_AGENT" ]; then
        rm -f "$dir/$ring"
        continue
      fi
      ;;
    *) exit 0 ;;
  esac
  mv "$dir/$ring" "$dir/taken" 2>/dev/null || continue
  cat "$dir/taken" >>"$dir/heard" || continue
  cat "$dir/taken" >&2
  rung=yes
  exit 2
done
`;

/** Whether anybody ever waited behind the bell of this folder; cheaper than to try. */
const hasBell = (dir: string): boolean => existsSync(join(dir, "bell"));

/**
 * The bell of a session's folder. `carries`: whether the program takes this text in as it is.
 * Nothing here throws for a folder or a waiter that is gone.
 */
export const bell = (carries: (text: string) => boolean = () => true): Bell => ({
  ring: ({ dir }, notice) => hasBell(dir) && call(dir, "notice", leave(dir, notice)),
  fits: ({ dir }, text) => hasBell(dir) && carries(text),
  leave: ({ dir }, text) => leave(dir, text),
  call: ({ dir }, ring) => call(dir, "letters", ring),
});

function leave(dir: string, text: string): string {
  const name = `ring-${Buffer.from(randomBytes(6)).toString("hex")}`;
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return name;
}

function call(dir: string, word: "letters" | "notice", ring: string): boolean {
  if (strike(join(dir, "bell"), `${word} ${ring}\n`)) return true;
  rmSync(join(dir, ring), { force: true });
  return false;
}

/** Lets the waiter go: it would outlive an agent that was killed together with its pane. */
export const endBell = (dir: string): void => void strike(join(dir, "bell"), "end\n");

/**
 * Takes back what was left behind the bell and holds this text. True when nobody has heard it and
 * nobody will: its file is gone before a waiter can take it, and no waiter has it in its hands.
 */
export function takeBack(dir: string, text: string): boolean {
  const has = (name: string) => readIfThere(join(dir, name))?.includes(text) ?? false;
  for (const name of listIfThere(dir)) {
    if (name.startsWith("ring-") && has(name)) rmSync(join(dir, name), { force: true });
  }
  const isSpeaking = has("taken") && isWaiting(dir);
  return !isSpeaking && !has("heard");
}

function isWaiting(dir: string): boolean {
  const pid = Number(readIfThere(join(dir, "waiter")));
  return pid > 0 && isAlive(pid);
}

function strike(bell: string, word: string): boolean {
  let fd: number;
  try {
    // Without a reader this fails with ENXIO; without a bell with ENOENT.
    fd = openSync(bell, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    return writeSync(fd, word) > 0;
  } catch {
    return false; // The waiter left between the two calls.
  } finally {
    closeSync(fd);
  }
}
