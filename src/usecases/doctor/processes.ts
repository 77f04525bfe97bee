import { healthy, type Look, warns } from "../../domain/finding.ts";
import type { Check, StoreTools } from "./tools.ts";

export const processes: readonly Check[] = [{ id: "processes-old", needs: "store", look: old }];

/** After an update: the carrier makes room by itself, a process that a person started does not. */
async function old({ oldProcesses }: StoreTools): Promise<Look> {
  const found = await oldProcesses();
  if (found.length === 0) return healthy();
  return {
    said: "",
    problems: found.map(({ pid, verb, why }) =>
      warns({
        what: `process ${pid} (ov ${verb}) runs another version of Overture`,
        evidence: why,
        fix: `end it, and start it again: kill ${pid}`,
        about: String(pid),
      }),
    ),
  };
}
