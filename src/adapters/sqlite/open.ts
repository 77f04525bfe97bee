import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { AppError } from "../../domain/errors.ts";

export type Db = Database.Database;

/** A write waits so long (ms) for another one to end. */
export const BUSY_MS = 15_000;

interface Binding {
  /** The addon of this platform: one that was compiled on purpose, else the one in the package. */
  getBinding(): object;
}

/** Opens a database file. The addon is found beside its package: looked for from a bundle, it would not be found. */
export function open(path: string, options: Database.Options = { timeout: BUSY_MS }): Db {
  const require = createRequire(import.meta.filename);
  let folder: string | undefined;
  try {
    // By its path: the package does not export it by name.
    folder = dirname(require.resolve("better-sqlite3/package.json"));
    const { getBinding } = require(join(folder, "lib", "binding.js")) as Binding;
    return new Database(path, { ...options, nativeBinding: getBinding() as unknown as string });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "MODULE_NOT_FOUND" && code !== "ERR_DLOPEN_FAILED") throw cause;
    throw noBinding(folder, cause);
  }
}

/** Its package has programs for Linux (glibc 2.34 or newer, musl) and macOS, on x64 and arm64. */
function noBinding(folder: string | undefined, cause: unknown): AppError {
  if (folder === undefined) {
    const hint = "install Overture again: ov --version --verbose says how";
    return new AppError("refused", "the package better-sqlite3 is missing", hint, { cause });
  }
  const { version, platform, arch } = process;
  const message = `better-sqlite3 has no binary that runs here (Node ${version}, ${platform} ${arch})`;
  const hint = `with python3, make and a C++ compiler: cd '${folder}' && npx node-gyp rebuild --release`;
  return new AppError("refused", message, hint, { cause });
}
