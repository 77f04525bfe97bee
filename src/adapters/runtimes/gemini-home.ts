import { homedir } from "node:os";
import { join } from "node:path";
import type { LaunchInput, LaunchPlan } from "../../ports/runtime.ts";
import { listIfThere, readIfThere } from "../files.ts";
import { geminiHooks } from "./gemini-hooks.ts";
import { parseSettings } from "./hook-settings.ts";
import { SERVER } from "./mcp-name.ts";

/** The `.gemini` of a session's own home. */
export const sessionHome = (dir: string): string => join(dir, "home", ".gemini");

/** Written anew for each session, or replaced by the program itself, which would cut a link. */
const OWN = /^(settings\.json|GEMINI\.md|projects\.json|.*\.lock|.*\.tmp)$/;

/** Conversations, a folder a project that says whose it is: the next session finds them here. */
const CHATS = "tmp";

/**
 * A home of the session's own, by `GEMINI_CLI_HOME`: the only way for one session to have hooks
 * (0.61.0 takes no file or folder of hooks by a flag, and system settings must belong to root).
 * All in it but the settings and GEMINI.md is a link to what the person has, so that login,
 * extensions, policies and conversations are the same.
 */
export function homeOf(input: LaunchInput): Required<Pick<LaunchPlan, "env" | "files" | "links">> {
  const { env, dir, rolePrompt } = input;
  const root = env.GEMINI_CLI_HOME ?? env.HOME ?? homedir();
  const theirs = join(root, ".gemini");
  const home = sessionHome(dir);
  const memory = [readIfThere(join(theirs, "GEMINI.md")) ?? "", rolePrompt].map((text) =>
    text.trim(),
  );
  const shared = [".env", ".agents"].filter((name) => listIfThere(root).includes(name));
  const links = listIfThere(theirs).filter((name) => !OWN.test(name) && name !== CHATS);
  return {
    env: {
      GEMINI_CLI_HOME: join(dir, "home"),
      // Trust that is given in an agent's pane is the person's; the program replaces this file.
      GEMINI_CLI_TRUSTED_FOLDERS_PATH:
        env.GEMINI_CLI_TRUSTED_FOLDERS_PATH ?? join(theirs, "trustedFolders.json"),
    },
    files: [
      { path: join(home, "settings.json"), text: settings(input, theirs, root) },
      { path: join(home, "GEMINI.md"), text: `${memory.filter(Boolean).join("\n\n")}\n` },
      { path: policyFile(dir), text: policy(input) },
    ],
    links: [
      { path: join(home, CHATS), target: join(theirs, CHATS), isFolder: true },
      ...links.map((name) => ({ path: join(home, name), target: join(theirs, name) })),
      ...shared.map((name) => ({ path: join(dir, "home", name), target: join(root, name) })),
    ],
  };
}

interface Known {
  general?: object;
  ui?: object;
  policyPaths?: string[];
  adminPolicyPaths?: string[];
  mcpServers?: object;
  context?: { includeDirectories?: string[] };
  tools?: { sandboxAllowedPaths?: string[] };
}

/** The person's settings with ours beside them. */
function settings(input: LaunchInput, theirs: string, root: string): string {
  const { dir, access, writable, readable, mcp, hookCommand } = input;
  const base = parseSettings(
    readIfThere(join(theirs, "settings.json")),
    join(theirs, "settings.json"),
  );
  const known = base as Known;
  // `~` means the home of the session.
  const real = (paths: string[]) => paths.map((path) => path.replace(/^~(?=\/|$)/, () => root));
  const folders = [...(known.context?.includeDirectories ?? []), ...(readable ? [readable] : [])];
  const text = JSON.stringify({
    ...base,
    general: {
      ...(access === "write" ? { defaultApprovalMode: "auto_edit" } : {}),
      ...known.general,
    },
    // The folder counts only where no other paths are named.
    policyPaths: [...real(known.policyPaths ?? [join(theirs, "policies")]), policyFile(dir)],
    ...(known.adminPolicyPaths ? { adminPolicyPaths: real(known.adminPolicyPaths) } : {}),
    ...(folders.length > 0
      ? { context: { ...known.context, includeDirectories: real(folders) } }
      : {}),
    ...(mcp ? { mcpServers: { ...known.mcpServers, [SERVER]: { ...mcp, trust: true } } } : {}),
    // Rules around the composer, so that a draft's end can be told without colours.
    ui: { ...known.ui, useBackgroundColor: false },
    tools: {
      ...known.tools,
      sandboxAllowedPaths: [...real(known.tools?.sandboxAllowedPaths ?? []), ...writable],
    },
  });
  return geminiHooks.install(text, hookCommand);
}

const policyFile = (dir: string): string => join(dir, "policy.toml");

/**
 * Rules of the person's tier: `ov` runs unasked, and one who only looks has no tools to write.
 * Not by `tools.allowed`: a narrowed tool there is denied for all else.
 */
function policy({ access }: LaunchInput): string {
  const rule = (what: string, decision: string) =>
    `[[rule]]\n${what}\ndecision = "${decision}"\npriority = 500\n`;
  const own = rule('toolName = "run_shell_command"\ncommandPrefix = "ov"', "allow");
  if (access === "write") return own;
  return `${own}\n${rule('toolName = ["write_file", "replace"]', "deny")}`;
}
