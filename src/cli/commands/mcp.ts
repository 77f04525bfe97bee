import type { Register } from "../verbs.ts";

export const register: Register = (command, context) => {
  command
    .option("--agent <name>", "who calls (default: $OV_AGENT, else orchestrator)")
    .option("--json", "accepted: stdout holds the protocol's JSON only")
    .addHelpText(
      "after",
      `
A server of the Model Context Protocol on stdin and stdout; a client starts it, you do not.

Agents of ov sling get it with their start where the config says mcp: true. For your own sessions
let it be written into the project's settings, or type what is below in the project:

Examples:
  ov hooks install --mcp                       Claude Code; also --runtime gemini, opencode, codex
  claude mcp add overture -- ov mcp            Claude Code
  gemini mcp add overture ov mcp               Gemini CLI
  codex mcp add overture -- ov mcp             Codex
  "mcp": {"overture": {"type": "local", "command": ["ov", "mcp"]}}     OpenCode, in opencode.json
`,
    )
    .action(async ({ agent }: { agent?: string }) => {
      const over = new Promise<void>((done) => {
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
          process.on(signal, () => done());
      });
      const { serveMcp } = await import("../mcp/server.ts");
      await serveMcp(context, agent, over);
    });
};
