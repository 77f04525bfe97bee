import { existsSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";

/** How this Overture came to be on the machine, and the command that brings a newer one. */
export interface Installation {
  version: string;
  /** `checkout`: a clone of the source; `package`: npm unpacked it; `folder`: anything else. */
  kind: "checkout" | "package" | "folder";
  /** The folder that holds `bin/` and `dist/`. */
  home: string;
  update: string;
}

export function installation(home: string): Installation {
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  if (existsSync(join(home, ".git"))) {
    const update = `git -C '${home}' pull && '${join(home, "scripts", "setup")}'`;
    return { version, kind: "checkout", home, update };
  }
  if (home.split(sep).includes("node_modules")) {
    const update = "npm install -g <the newer overture-….tgz, made by npm pack in a checkout>";
    return { version, kind: "package", home, update };
  }
  return { version, kind: "folder", home, update: `replace ${home} by a newer one` };
}

/**
 * Whether the program of this process was replaced since this call: the build names its parts by
 * their content, so that the file that names them all changes with each of them.
 */
export function watchProgram(home: string): () => boolean {
  const path = join(home, "dist", "main.mjs");
  const mark = () => {
    const { ino, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return `${ino} ${mtimeMs}`;
  };
  const before = mark();
  return () => mark() !== before;
}
