import { AppError } from "../../domain/errors.ts";
import type { McpServer, McpSettings } from "../../ports/runtime.ts";
import { toml } from "./codex-hooks.ts";

const FILE = ".codex/config.toml";
const HEAD = "[mcp_servers.overture] # overture";
/** Codex gives a server little of its own environment: only what is named. */
const PASSED = ["OV_AGENT", "OV_ROOT", "OV_PASS", "TMUX", "TMUX_PANE"];

/** Other ways of TOML to name the same table, or to close its parent to new ones. */
const KEY = `["']?overture["']?`;
const PARENT = `["']?mcp_servers["']?`;
const ANOTHER = [
  new RegExp(`^\\s*\\[?\\[?\\s*${PARENT}\\s*\\.\\s*${KEY}\\s*[\\].=]`, "m"),
  new RegExp(`^\\s*${PARENT}\\s*=`, "m"),
  new RegExp(`^\\s*\\[\\s*${PARENT}\\s*\\][^[]*^\\s*${KEY}\\s*[.=]`, "m"),
];

const array = (words: readonly string[]) => `[${words.map(toml).join(", ")}]`;

const block = ({ command, args }: McpServer): string[] => [
  HEAD,
  `command = ${toml(command)}`,
  `args = ${array(args)}`,
  `env_vars = ${array(PASSED)}`,
];

/** The text without our table, and without the blank line before it. */
function without(text: string): string {
  const lines = text.split("\n");
  const start = lines.indexOf(HEAD);
  if (start === -1) return text;
  const length = lines
    .slice(start + 1)
    .findIndex((line) => !/^(command|args|env_vars) = /.test(line));
  const end = length === -1 ? lines.length : start + 1 + length;
  const next = lines.slice(end).find((line) => !/^\s*(#.*)?$/.test(line));
  if (next !== undefined && !/^\s*\[/.test(next)) {
    const hint = "take it out by hand";
    throw new AppError(
      "refused",
      `${FILE}: our table has "${next.trim()}", which is not ours`,
      hint,
    );
  }
  const before = lines.slice(0, start);
  if (before.at(-1) === "" && before.length > 1) before.pop();
  return [...before, ...lines.slice(end)].join("\n");
}

/**
 * One table at the end of the project's config, which 0.169.0 reads in a trusted project. It
 * changes the meaning of nothing above it, so that the rest need not be understood.
 */
export const codexMcp: McpSettings = {
  file: FILE,
  present: (text = "") => text.split("\n").includes(HEAD),
  install(current = "", server) {
    const rest = without(current);
    if (ANOTHER.some((form) => form.test(rest))) {
      const hint = `add to it by hand: ${block(server).slice(1).join("; ")}`;
      throw new AppError("refused", `${FILE} has mcp_servers in a form of its own`, hint);
    }
    const gap = rest === "" ? "" : rest.endsWith("\n") ? "\n" : "\n\n";
    return `${rest}${gap}${block(server).join("\n")}\n`;
  },
  uninstall: without,
};
