import { join } from "node:path";
import type { AgentFiles } from "../ports/agent-files.ts";
import { writeWhole } from "./files.ts";

/** Below `<home>/agents/<name>/`, beside its sessions' folders. Names are checked at the door. */
export const agentFiles = (home: string): AgentFiles => ({
  write(agent, file, text) {
    const path = join(home, "agents", agent, file);
    writeWhole(path, text);
    return path;
  },
});
