import { cpSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./process.ts";

/** A new repository in a temporary folder, with the template's files in one commit on main. */
export async function makeDemoRepo(template: string): Promise<string> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ov-demo-")));
  cpSync(template, root, { recursive: true });
  const git = (...args: string[]) => run("git", args, { cwd: root });
  await git("init", "-q", "-b", "main");
  await git("config", "user.name", "Overture demo");
  await git("config", "user.email", "demo@localhost");
  await git("add", "-A");
  await git("commit", "-qm", "greeter: a small program that greets");
  return root;
}

/** A new branch at the current commit; git refuses one that exists. */
export async function makeBranch(root: string, name: string): Promise<void> {
  await run("git", ["branch", "--no-track", name], { cwd: root });
}
