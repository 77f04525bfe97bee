import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * Waits behind an agent at no cost until its bell is rung, and says the line that came with it.
 * The bell is a named pipe in the session's folder: opening it to read blocks in the kernel.
 * Exit 2 makes a program with `asyncRewake` take a turn with that line. A ring for mail that a
 * hook has taken meanwhile is let pass. One waiter a session: a second one leaves.
 */
export const BELL_SCRIPT = `#!/bin/sh
# Written by Overture; usage: bell.sh <folder of the session>
dir=$1
if [ -f "$dir/waiter" ] && kill -0 "$(cat "$dir/waiter")" 2>/dev/null; then exit 0; fi
[ -p "$dir/bell" ] || mkfifo -m 600 "$dir/bell" || exit 0
echo $$ >"$dir/waiter"
while :; do
  read -r line <"$dir/bell" || continue
  case $line in '[ov wake-'*) ;; *) exit 0 ;; esac
  [ -e "$OV_ROOT/.overture/mail/$OV_AGENT" ] || continue
  printf '%s\\n' "$line" >&2
  exit 2
done
`;

/** Says whether somebody waits behind the bell of this folder and has now been called. */
export function ringBell(dir: string, line: string): boolean {
  let fd: number;
  try {
    // Without a reader this fails with ENXIO; without a bell with ENOENT.
    fd = openSync(join(dir, "bell"), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    return writeSync(fd, `${line}\n`) > 0;
  } catch {
    return false; // The waiter left between the two calls.
  } finally {
    closeSync(fd);
  }
}
