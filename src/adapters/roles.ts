import { join } from "node:path";
import { fill } from "../domain/prompt.ts";
import { ROLE_ALIASES } from "../domain/role.ts";
import { listIfThere, readIfThere } from "./files.ts";

/** Stands for a role without a prompt of its own, and is none itself. */
const DEFAULT = "default";

/** Every role with a prompt in one of these folders, and the other names of some. */
export function knownRoles(folders: readonly string[], named: readonly string[]): string[] {
  const files = folders.flatMap((folder) => listIfThere(join(folder, "roles")));
  const prompts = files.flatMap((file) => /^(.+)\.md$/.exec(file)?.[1] ?? []);
  const all = [...prompts, ...named, ...Object.keys(ROLE_ALIASES)];
  return [...new Set(all)].filter((role) => role !== DEFAULT).sort();
}

/** The prompt of a role from the first of these folders that has one, else the default one. */
export function rolePrompt(
  folders: readonly string[],
  role: string,
  values: { agent: string; task: string; parent: string },
): string {
  const find = (name: string): string | undefined => {
    for (const folder of folders) {
      const text = readIfThere(join(folder, "roles", `${name}.md`));
      if (text !== undefined) return text;
    }
    return undefined;
  };
  const read = (name: string) =>
    find(name) ??
    find(ROLE_ALIASES[name] ?? name) ??
    readIfThere(join(folders.at(-1)!, "roles", `${DEFAULT}.md`)) ??
    "";
  const all = { ...values, role, branch: `ov/${values.agent}/${values.task}` };
  return fill(read(role), all, read);
}
