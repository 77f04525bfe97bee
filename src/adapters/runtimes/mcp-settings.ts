import { AppError } from "../../domain/errors.ts";
import type { McpServer, McpSettings } from "../../ports/runtime.ts";
import { setMember } from "../json-edit.ts";
import { codexMcp } from "./codex-mcp.ts";
import { checkForm, isPlain, parseSettings } from "./hook-settings.ts";
import { SERVER } from "./mcp-name.ts";

/** A server of this name that calls another program belongs to somebody else. */
const isOurCommand = (words: readonly unknown[]): boolean =>
  /(^|\/)ov$/.test(String(words[0])) && words[1] === "mcp";

const taken = (file: string): AppError =>
  new AppError(
    "refused",
    `${file} has another MCP server named ${SERVER}`,
    "rename it, or take it out, first",
  );

interface Entry {
  command?: unknown;
  args?: unknown;
}

/** A JSON file of a project with its MCP servers by name, in the object `key`. */
function json(file: string, key: string, form: (server: McpServer) => object): McpSettings {
  const entryOf = (text: string | undefined): Entry | undefined => {
    const servers = parseSettings(text, file)[key];
    const entry = isPlain(servers) ? servers[SERVER] : undefined;
    return isPlain(entry) ? entry : undefined;
  };
  const isOurs = ({ command, args }: Entry) =>
    isOurCommand([command, args].flat().filter((word) => word !== undefined));
  const present = (text: string | undefined) => {
    const entry = entryOf(text);
    return entry !== undefined && isOurs(entry);
  };
  return {
    file,
    present,
    install(current, server) {
      const text = current === undefined || current.trim() === "" ? "{}\n" : current;
      checkForm(text, file, [key], "object");
      checkForm(text, file, [key, SERVER], "object");
      const entry = entryOf(text);
      if (entry && !isOurs(entry)) throw taken(file);
      const wanted = form(server);
      if (JSON.stringify(entry) === JSON.stringify(wanted)) return text;
      return setMember(text, [key, SERVER], wanted);
    },
    uninstall: (current) =>
      present(current) ? setMember(current, [key, SERVER], undefined) : current,
  };
}

const standard = ({ command, args }: McpServer) => ({ command, args });

/** Where each runtime reads the MCP servers of a project (measured on the versions of RUNTIMES). */
export const MCP: Record<string, McpSettings> = {
  // Claude Code asks a person once whether a server of this file may run.
  claude: json(".mcp.json", "mcpServers", standard),
  gemini: json(".gemini/settings.json", "mcpServers", standard),
  opencode: json("opencode.json", "mcp", ({ command, args }) => ({
    type: "local",
    command: [command, ...args],
  })),
  codex: codexMcp,
};
