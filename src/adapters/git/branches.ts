import type { OwnBranch } from "../../ports/doctor.ts";
import { branchOfRef, git, headRef } from "./command.ts";

/** Every branch of an agent, and whether the target holds all of it. */
export async function ownBranches(root: string, into: string): Promise<OwnBranch[]> {
  const list = async (...more: string[]) => {
    const args = ["for-each-ref", "--format=%(refname)", ...more, "refs/heads/ov/"];
    const { stdout } = await git(root, args);
    return stdout.split("\n").flatMap((ref) => branchOfRef(ref) ?? []);
  };
  const [all, merged] = await Promise.all([list(), list(`--merged=${headRef(into)}`)]);
  return all.map((branch) => ({ branch, merged: merged.includes(branch) }));
}
