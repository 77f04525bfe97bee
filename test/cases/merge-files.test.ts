import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TeamRoom } from "../team-room.ts";

let room: TeamRoom;
beforeEach(() => {
  room = new TeamRoom();
});
afterEach(() => room.close());

test("merge lists the files that a branch changes, each on one line, and counts the rest", async () => {
  room.git("switch", "-q", "-c", "work");
  writeFileSync(join(room.root, "a\n  error.txt"), "");
  for (let n = 10; n < 40; n++) writeFileSync(join(room.root, `file-${n}.txt`), "");
  room.git("add", "-A", "a*", "file-*");
  room.git("commit", "-q", "-m", "work");
  room.git("switch", "-q", "main");
  for (const more of [["--dry-run"], []]) {
    const { stdout } = await room.ov(["merge", "--branch", "work", ...more]);
    expect(stdout).toContain("    file-10.txt\n    file-11.txt\n");
    expect(stdout).not.toMatch(/^ {2}error\.txt/m);
    expect(stdout).toContain("    file-28.txt\n    and 11 more (--json lists all)");
    expect(stdout).not.toContain("file-29.txt");
  }
});
