import { type Look, mends } from "../../domain/finding.ts";
import { brokenStarts, takeBackBroken } from "../take-back.ts";
import type { Check, StoreTools } from "./tools.ts";

export const starts: readonly Check[] = [
  { id: "starts-broken", needs: "store", look: broken, fix: takeStartsBack },
];

/** The next start does the same. */
function broken({ store, isAlive }: StoreTools): Look {
  const problems = brokenStarts({ store, isAlive }).map(({ agent, worktree, branch }) => {
    const made = [worktree, branch?.name].filter(Boolean).join(", ");
    return mends("warn", {
      what: `a start of ${agent} was killed before its program ran`,
      evidence: `it was about to make: ${made || "a session"}`,
      fix: "ov doctor --fix takes back what is left of it, as the next ov sling does",
      about: agent,
    });
  });
  return { said: "", problems };
}

async function takeStartsBack({ repo, team }: StoreTools): Promise<string> {
  const said: string[] = [];
  await takeBackBroken({ ...(await team()), repo, tell: (text) => void said.push(text) });
  return said.join("; ");
}
