import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const build = () => execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });

/** Every test room lives in one folder; a tmux server that is still there fails the run. */
export default function setup() {
  const rooms = join(tmpdir(), `ov-rooms-${process.pid}`);
  process.env.OV_TEST_ROOMS = rooms;
  build();
  return () => {
    const left = leftovers(rooms);
    rmSync(rooms, { recursive: true, force: true });
    if (left.length > 0) {
      process.exitCode = 1;
      throw new Error(`tests left processes behind:\n${left.join("\n")}`);
    }
  };
}

/** Processes whose command line or working folder names our rooms. */
function leftovers(rooms: string): string[] {
  try {
    readdirSync(rooms);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes(rooms));
}
