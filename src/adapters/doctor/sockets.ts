import { rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { listIfThere } from "../files.ts";

/** Where tmux keeps its sockets: `$TMUX_TMPDIR`, else `/tmp`, and a folder for each user (3.3a). */
const folderOf = (env: Readonly<Record<string, string | undefined>>) =>
  join(env.TMUX_TMPDIR || "/tmp", `tmux-${process.getuid?.() ?? 0}`);

/** tmux leaves its socket when its server ends, and takes it again: one of a day ago is forgotten. */
const FORGOTTEN_MS = 86_400_000;

/** Sockets of teams, by their names, on which no server answers and that are not our own. */
export async function deadSockets(
  own: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const folder = folderOf(env);
  const names = listIfThere(folder).filter(
    (name) =>
      !own.some((socket) => basename(socket) === name) && /^overture-.+-[0-9a-f]{8}$/.test(name),
  );
  const paths = names.map((name) => join(folder, name)).filter(isOld);
  const dead = await Promise.all(paths.map(isDead));
  return paths.filter((_, i) => dead[i]);
}

function isOld(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > FORGOTTEN_MS;
}

/** A server that just begins is asked again. */
export async function removeDead(path: string): Promise<void> {
  if (await isDead(path)) rmSync(path, { force: true });
}

/** Refused: the socket's file is there, and no process listens. */
function isDead(path: string): Promise<boolean> {
  return new Promise((done) => {
    const client = connect(path);
    client.once("connect", () => {
      client.destroy();
      done(false);
    });
    client.once("error", (error) => {
      done((error as NodeJS.ErrnoException).code === "ECONNREFUSED");
    });
  });
}
