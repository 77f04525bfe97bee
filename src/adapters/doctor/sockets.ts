import { rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { listIfThere } from "../files.ts";

/** Where tmux keeps its sockets: `$TMUX_TMPDIR`, else `/tmp`, and a folder for each user (3.3a). */
const folderOf = (env: Readonly<Record<string, string | undefined>>) =>
  join(env.TMUX_TMPDIR || "/tmp", `tmux-${process.getuid?.() ?? 0}`);

/** Sockets that belong to a team, by their names, and on which no server answers. */
export async function deadSockets(
  own: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const folder = folderOf(env);
  const names = listIfThere(folder).filter(
    (name) => own.includes(name) || /^overture-.+-[0-9a-f]{8}$/.test(name),
  );
  const paths = names.map((name) => join(folder, name));
  const dead = await Promise.all(paths.map(isDead));
  return paths.filter((_, i) => dead[i]);
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
