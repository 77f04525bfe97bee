/**
 * In `$0/started`, as `startOf` says it of this very process: no later one of its number counts as
 * it. The 22nd word of its line; the second is `(sh)`.
 */
const BORN = [
  `if read -r boot </proc/sys/kernel/random/boot_id`,
  `then read -r ${"_ ".repeat(21)}ticks _ </proc/$$/stat`,
  `echo "$boot $ticks $(readlink /proc/self/ns/pid)" >"$0/started"`,
  `else TZ=UTC LC_ALL=C ps -o lstart= -p $$ >"$0/started"; fi`,
].join("; ");

/**
 * What runs in a pane: the agent as a job of its own (`set -m` gives it the terminal's
 * foreground group, so tmux names it), and after it a sink that reads and drops input: a late
 * paste must never reach a shell. A dead pane would be worse: a paste into one crashes tmux 3.3a.
 * The program begins only once the session is stored (`go`): who starts it may be killed in
 * between, and then no program may live that nobody knows.
 */
export const LAUNCH_SCRIPT = `#!/bin/sh
# Written by Overture; runs one session of an agent.
# Of the tmux server's environment, which is its first caller's, only what describes the terminal is
# taken: an agent's environment is decided at its start. TMUX goes no further than this shell, in
# whose environment others read which server it is of.
if [ "\${1-}" != decided ]; then
  exec /usr/bin/env -i \${TERM+"TERM=$TERM"} \${COLORTERM+"COLORTERM=$COLORTERM"} \\
    \${TERM_PROGRAM+"TERM_PROGRAM=$TERM_PROGRAM"} \\
    \${TERM_PROGRAM_VERSION+"TERM_PROGRAM_VERSION=$TERM_PROGRAM_VERSION"} \\
    \${TMUX+"TMUX=$TMUX"} /bin/sh "$0" decided
fi
shift
unset TMUX
PATH=/usr/bin:/bin
dir={{dir}}
# What is kept for a restart, and what reaches this start only: it may be secret, and goes away.
for file in environment environment.once; do
  [ ! -r "$dir/$file" ] || . "$dir/$file"
done
rm -f "$dir/environment.once"
{{env}}
cd {{cwd}} || exit 1
code={{unborn}}
tries=0
until [ -e "$dir/go" ] || [ "$tries" -ge {{tries}} ]; do
  tries=$((tries + 1))
  sleep 0.02
done
if [ -e "$dir/go" ]; then
  # What the shell itself says of a stopped job must not stand on the agent's screen.
  exec 9>&2 2>/dev/null
  set -m
  sh -c '{{born}}; echo $$ >"$0/pid"; exec "$@" 2>&9 9>&-' "$dir" {{argv}}
  code=$?
  # Ctrl+Z or a signal stops the job: bring it back, or input would meet a shell. 128 and the number
  # of STOP, TSTP, TTIN or TTOU, here or on macOS; no program ends by one of these.
  while [ "$code" -ge 145 ] && [ "$code" -le 150 ] && kill -0 %1; do
    fg %1 >/dev/null
    code=$?
  done
  set +m
  # A process that the program started in its group, and that outlives it, has lost its terminal.
  kill -s HUP -- "-$(cat "$dir/pid")" 2>/dev/null
fi
echo "$code" >"$dir/exit"
# Who still waits for this session's bell is let go; to open both ways never blocks.
[ -p "$dir/bell" ] && echo end 1<>"$dir/bell"
# Whoever ended it on purpose has written down where its work stands.
[ -e "$dir/told" ] ||
  (trap '' HUP INT; exec ov checkpoint --agent "$OV_AGENT" --ended "$code") >/dev/null 2>&1 </dev/null &
stty sane -echo 2>/dev/null
printf '\\033[?1049l\\033[?2004l\\033[?25h\\r\\n[ov] %s ended (exit %s). What you type here goes nowhere.\\r\\n' "$OV_AGENT" "$code"
printf '[ov] start it again: ov resume %s\\r\\n' "$OV_AGENT"
trap '' INT QUIT TSTP
while :; do cat >/dev/null || sleep 1; done
`.replace("{{born}}", () => BORN);
