import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentFiles } from "../ports/agent-files.ts";

/** Below `<home>/agents/<name>/`, beside its sessions' folders. Names are checked at the door. */
export const agentFiles = (home: string): AgentFiles => ({
  write(agent, file, text) {
    const folder = join(home, "agents", agent);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, file);
    // Two who write at once must not share a half-written file.
    const part = `${path}.${process.pid}`;
    writeFileSync(part, text, { mode: 0o600 });
    renameSync(part, path);
    return path;
  },
});
