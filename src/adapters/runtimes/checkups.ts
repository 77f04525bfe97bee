import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readIfThere } from "../files.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What can be said of a runtime without starting it. */
export interface Checkup {
  /** Its npm package. */
  npm: string;
  /** What to type to log in. */
  how: string;
  /**
   * Where its login was found, of these places; null where it cannot be told. Names of variables
   * and files only: nothing of what is in them.
   */
  login(env: Env, root: string): { found: string | undefined | null; looked: string };
  /** Whether it was told to trust this folder; undefined where it cannot be told. */
  trusts(env: Env, root: string): boolean | undefined;
}

const homeOf = (env: Env) => env.HOME ?? homedir();
const variable = (env: Env, names: readonly string[]) => {
  const name = names.find((one) => env[one]);
  return name && `$${name}`;
};
const isThere = (path: string) => readIfThere(path) !== undefined;

/** A settings file of theirs; a broken one says nothing, and they say so themselves. */
function json(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readIfThere(path) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The folder and all above it. */
function upwards(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upwards(above)];
}

const CLAUDE_KEYS = [
  ...["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
  ...["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"],
];
const CODEX_KEYS = ["OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN"];
const GEMINI_KEYS = [
  ...["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA"],
  "GOOGLE_APPLICATION_CREDENTIALS",
];

/** Claude Code 2.1.329. */
const claude: Checkup = {
  npm: "@anthropic-ai/claude-code",
  how: "claude, then /login",
  login(env) {
    const folder = env.CLAUDE_CONFIG_DIR ?? join(homeOf(env), ".claude");
    const state = claudeState(env);
    const credentials = join(folder, ".credentials.json");
    const helper = json(join(folder, "settings.json")).apiKeyHelper;
    const { oauthAccount, primaryApiKey } = json(state);
    const found =
      variable(env, CLAUDE_KEYS) ??
      (isThere(credentials) ? credentials : undefined) ??
      // On macOS the keychain has the login, and this file the account.
      (oauthAccount || primaryApiKey ? state : undefined) ??
      (helper ? "apiKeyHelper" : undefined);
    return { found, looked: `${names(CLAUDE_KEYS)}, ${credentials}, ${state}` };
  },
  // Trust covers the folders below a trusted one.
  trusts(env, root) {
    const { projects = {} } = json(claudeState(env)) as {
      projects?: Record<string, { hasTrustDialogAccepted?: boolean }>;
    };
    return upwards(root).some((folder) => projects[folder]?.hasTrustDialogAccepted === true);
  },
};

const claudeState = (env: Env) => join(env.CLAUDE_CONFIG_DIR ?? homeOf(env), ".claude.json");
const names = (variables: readonly string[]) => variables.map((name) => `$${name}`).join(", ");

/** Codex 0.169.0. Another provider, or a keyring, is named in its settings. */
const codex: Checkup = {
  npm: "@openai/codex",
  how: "codex login",
  login(env) {
    const home = codexHome(env);
    const file = join(home, "auth.json");
    const settings = readIfThere(join(home, "config.toml")) ?? "";
    const found = variable(env, CODEX_KEYS) ?? (isThere(file) ? file : undefined);
    const elsewhere = /^\s*(model_provider|cli_auth_credentials_store)\s*=/m.test(settings);
    return {
      found: found ?? (elsewhere ? null : undefined),
      looked: `${names(CODEX_KEYS)}, ${file}`,
    };
  },
  trusts(env, root) {
    const settings = readIfThere(join(codexHome(env), "config.toml")) ?? "";
    const [, table = ""] = settings.split(`[projects.${JSON.stringify(root)}]`);
    return /^\s*trust_level\s*=\s*"trusted"/m.test(table.split(/^\s*\[/m)[0]!);
  },
};

const codexHome = (env: Env) => env.CODEX_HOME ?? join(homeOf(env), ".codex");

/** Gemini CLI 0.61.0. */
const gemini: Checkup = {
  npm: "@google/gemini-cli",
  how: "gemini, then /auth",
  login(env, root) {
    const home = env.GEMINI_CLI_HOME ?? homeOf(env);
    const files = [
      ...["oauth_creds.json", "gemini-credentials.json"].map((name) => join(home, ".gemini", name)),
      ...[root, home].flatMap((folder) => [join(folder, ".gemini", ".env"), join(folder, ".env")]),
    ];
    const { security = {} } = json(join(home, ".gemini", "settings.json")) as {
      security?: { auth?: { selectedType?: string } };
    };
    const found = variable(env, GEMINI_KEYS) ?? files.find(isThere);
    const looked = `${names(GEMINI_KEYS)}, ${files.join(", ")}`;
    // The key of a chosen way may be in a keychain.
    return { found: found ?? (security.auth?.selectedType ? null : undefined), looked };
  },
  trusts(env, root) {
    const home = join(env.GEMINI_CLI_HOME ?? homeOf(env), ".gemini");
    const { security = {} } = json(join(home, "settings.json")) as {
      security?: { folderTrust?: { enabled?: boolean } };
    };
    if (security.folderTrust?.enabled !== true) return undefined;
    const file = env.GEMINI_CLI_TRUSTED_FOLDERS_PATH ?? join(home, "trustedFolders.json");
    const trusted = Object.entries(json(file)).flatMap(([folder, level]) => {
      if (level === "TRUST_FOLDER") return [folder];
      return level === "TRUST_PARENT" ? [dirname(folder)] : [];
    });
    return upwards(root).some((folder) => trusted.includes(folder));
  },
};

/** OpenCode 1.18.33 has models that need no login, and asks for no trust. */
const opencode: Checkup = {
  npm: "opencode-ai",
  how: "opencode auth login",
  login: () => ({ found: null, looked: "nothing: some of its models need no login" }),
  trusts: () => undefined,
};

/** Those that are installed from elsewhere, by name. */
export const CHECKUPS: Readonly<Record<string, Checkup>> = { claude, codex, gemini, opencode };

/** What to type to get a runtime's program. */
export function installLine(runtime: string): string {
  const npm = CHECKUPS[runtime]?.npm;
  return npm ? `npm install -g ${npm}` : `install it, or correct runtimes.${runtime}.command`;
}
