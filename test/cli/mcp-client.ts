import { type ChildProcess, spawn } from "node:child_process";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { OV, type TeamRoom } from "../team-room.ts";

export interface Said {
  text: string;
  data: Record<string, unknown> | undefined;
  isError: boolean;
}

/** The SDK's own client, with `ov mcp` of a room behind it. */
export async function connect(room: TeamRoom, agent: string, cwd = room.root) {
  const client = new Client({ name: "test", version: "1" });
  const env = { ...room.env, OV_AGENT: agent } as Record<string, string>;
  await client.connect(
    new StdioClientTransport({ command: OV, args: ["mcp"], env, cwd, stderr: "ignore" }),
  );
  return {
    client,
    call: async (name: string, input?: Record<string, unknown>): Promise<Said> => {
      const result = await client.callTool({ name, arguments: input });
      const [part] = result.content as { text: string }[];
      const data = result.structuredContent as Record<string, unknown> | undefined;
      return { text: part!.text, data, isError: result.isError === true };
    },
  };
}

/** `ov mcp` without a client: what a broken one may write. */
export function bare(room: TeamRoom, ...args: string[]) {
  const child = spawn(OV, ["mcp", ...args], { cwd: room.root, env: room.env });
  const stdout: Buffer[] = [];
  child.stdout.on("data", (chunk) => stdout.push(chunk));
  child.stderr.resume();
  return {
    child,
    /** Each line of stdout, which must be JSON. */
    answers: () =>
      Buffer.concat(stdout)
        .toString()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    exit: exitOf(child),
  };
}

const exitOf = (child: ChildProcess) =>
  new Promise<number | null>((done) => child.once("close", (code) => done(code)));

export const HELLO = request(1, "initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "bare", version: "1" },
});

export function request(id: number, method: string, params: object): string {
  return `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
}

export const callOf = (id: number, name: string, input: unknown): string =>
  request(id, "tools/call", { name, arguments: input });
