import { join } from "node:path";
import { spawnDetached } from "./process.ts";
import type { Project } from "./project.ts";

/** Starts `ov deliver` in the background; `home` is the installed package. */
export async function startDispatcher(
  home: string,
  { root, home: files }: Project,
  env: Readonly<Record<string, string | undefined>>,
  rung: boolean,
): Promise<void> {
  const command = [process.execPath, join(home, "dist", "main.mjs"), "deliver", "--quiet"];
  // Whoever was called needs the machine now; its proof comes later.
  const start = rung ? ["sh", "-c", 'sleep 0.4; exec "$0" "$@"', ...command] : command;
  await spawnDetached(start[0]!, start.slice(1), {
    cwd: root,
    env: { ...env, OV_ROOT: root },
    logFile: join(files, "deliver.log"),
  });
}

/** Starts `ov` with these words in the background, out of reach of what ends the caller. */
export async function startLater(
  home: string,
  { root, home: files }: Project,
  env: Readonly<Record<string, string | undefined>>,
  words: readonly string[],
): Promise<void> {
  await spawnDetached(process.execPath, [join(home, "dist", "main.mjs"), ...words], {
    cwd: root,
    env: { ...env, OV_ROOT: root, OV_AGENT: undefined, OV_SESSION: undefined },
    logFile: join(files, "deliver.log"),
  });
}
