import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TeamRoom, until } from "../team-room.ts";

const LATEST_MS = 500;

/**
 * The tmux server is killed at a random moment of a wake and started again at once, with the same
 * socket, session name and pane id in the hands of a person's program, which even shows the
 * agent's program name. It writes down every byte that it gets.
 */
export async function figure(runs: number): Promise<void> {
  const room = new TeamRoom();
  let wrong = 0;
  let samePane = 0;
  try {
    for (let n = 0; n < runs; n++) {
      const { bytes, isSame } = await trial(room, `a${n}`, Math.random() * LATEST_MS);
      if (bytes > 0) wrong++;
      if (isSame) samePane++;
    }
  } finally {
    await room.close();
  }
  console.log(`${runs} reboots of the tmux server at a random moment of a wake`);
  console.log(`same pane id after it      ${samePane}`);
  console.log(`bytes in the wrong pane in ${wrong}`);
  process.exitCode = wrong > 0 || samePane < runs ? 1 : 0;
}

async function trial(room: TeamRoom, name: string, delay: number) {
  const { code, stderr } = await room.ov(["sling", "t", "--name", name, "--prompt", "begin"]);
  if (code !== 0) throw new Error(stderr);
  await until(
    `${name} idle`,
    () => room.state(name),
    (state) => state === "idle",
  );
  const pane = room.tmux("list-panes", "-a", "-F", "#{pane_id}").trim();
  const pid = Number(readFileSync(join(room.session(name), "pid"), "utf8"));
  const letter = ["mail", "send", "--to", name, "--subject", "s", "--body", "b", "--wake"];
  await room.ov(letter);
  await new Promise((done) => setTimeout(done, delay));
  const record = join(room.base, `${name}.bytes`);
  const program = `stty raw -echo; exec -a ov-agent cat >'${record}'`;
  // One call of a shell, so that nothing else runs between the two servers.
  // A server that is ending refuses, so it is tried again at once.
  const retry = `until tmux -L ov new-session -d -s ${name} "$0" -c "$1" 2>/dev/null; do :; done`;
  const reboot = `tmux -L ov kill-server; ${retry}`;
  const { status } = spawnSync("sh", ["-c", reboot, "bash", program], {
    env: room.env,
    timeout: 10_000,
  });
  if (status !== 0) throw new Error(`the server did not start again (${status})`);
  const again = await until(
    "the new server",
    () => paneOf(room),
    (one) => one !== "",
  );
  await until("the person's program", () => existsSync(record), Boolean);
  await until(
    "the letter settled",
    () => room.dispatcher(),
    (one) => one === undefined,
  );
  const bytes = readFileSync(record).length;
  spawnSync("tmux", ["-L", "ov", "kill-server"], { env: room.env });
  await room.ov(["stop", name]);
  await until(
    "its program gone",
    () => existsSync(`/proc/${pid}`),
    (isThere) => !isThere,
  );
  return { bytes, isSame: again === pane };
}

function paneOf(room: TeamRoom): string {
  const list = spawnSync("tmux", ["-L", "ov", "list-panes", "-a", "-F", "#{pane_id}"], {
    env: room.env,
    encoding: "utf8",
  });
  return list.status === 0 ? list.stdout.trim() : "";
}
