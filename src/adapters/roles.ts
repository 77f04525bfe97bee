import { join } from "node:path";
import { fill } from "../domain/prompt.ts";
import { readIfThere } from "./files.ts";

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
    find(name) ?? readIfThere(join(folders.at(-1)!, "roles", "default.md")) ?? "";
  const all = { ...values, role, branch: `ov/${values.agent}/${values.task}` };
  return fill(read(role), all, read);
}
