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
import { randomBytes } from "../random.ts";

/**
 * Waits behind an agent at no cost until its bell is rung, then says what was left for it. The
 * bell is a named pipe in the session's folder: opening it to read blocks in the kernel. What is
 * said stands in a file of its own before the bell is rung, which names it: two who ring within
 * milliseconds must not say each other's words. It is taken by a rename and added to `heard`, which
 * tells what left our hands. Exit 2 makes a program with `asyncRewake` take a turn with it. A
 * notice of mail that a hook has taken meanwhile is let pass. One waiter a session.
 */
export const BELL_SCRIPT = `#!/bin/sh
# Written by Overture; usage: bell.sh <folder of the session>
dir=$1
if [ -f "$dir/waiter" ] && kill -0 "$(cat "$dir/waiter")" 2>/dev/null; then exit 0; fi
[ -p "$dir/bell" ] || mkfifo -m 600 "$dir/bell" || exit 0
echo $$ >"$dir/waiter"
while :; do
  read -r word ring <"$dir/bell" || continue
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
  mv "$dir/$ring" "$dir/taken" || continue
  cat "$dir/taken" >>"$dir/heard"
  cat "$dir/taken" >&2
  exit 2
done
`;

/** Whether anybody ever waited behind the bell of this folder; cheaper than to try. */
export const hasBell = (dir: string): boolean => existsSync(join(dir, "bell"));

/** Says whether somebody waits behind the bell of this folder and has now been called. */
export function ringBell(dir: string, word: "letters" | "notice", text: string): boolean {
  const name = `ring-${Buffer.from(randomBytes(6)).toString("hex")}`;
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  if (strike(join(dir, "bell"), `${word} ${name}\n`)) return true;
  rmSync(join(dir, name), { force: true });
  return false;
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
