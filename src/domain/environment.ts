/** Variables of a process, by name. */
export type Variables = Readonly<Record<string, string>>;
type Inherited = Readonly<Record<string, string | undefined>>;

/** Where an agent starts from. */
export interface Origin {
  /** The environment of whoever starts it. */
  caller: Inherited;
  /** What was kept of its last start; undefined: this is its first. */
  kept: Variables | undefined;
  /** A person's shell may hold newer values than the last start; a carrier's is only older. */
  isPerson: boolean;
  /** Names, or beginnings that end in `*`, that belong to its program or that the settings keep. */
  own: readonly string[];
}

export interface Surroundings {
  /** Kept for restarts. */
  kept: Variables;
  /** Reaches this start only. */
  once: Variables;
  /** Names of kept ones that the caller has with another value than the last start had. */
  newer: string[];
}

/**
 * Those that steer somebody else's process and would steer the agent's: of git's hooks, of a
 * loader, of the session of an orchestrator and its hook, of the terminal that it stands in.
 */
const NEVER = [
  /^(GIT_|OV_|OVERSTORY_|TERM_|KITTY_|ITERM_|WEZTERM_|ALACRITTY_|GHOSTTY_|WT_)/,
  /^(NODE_OPTIONS|NODE_CHANNEL_FD|LD_PRELOAD|LD_AUDIT|DYLD_INSERT_LIBRARIES|ELECTRON_RUN_AS_NODE)$/,
  /^(TMUX|TMUX_PANE|STY|TERM|TERMCAP|COLORTERM|COLUMNS|LINES|WINDOWID|VTE_VERSION)$/,
  /^(_|PWD|OLDPWD|SHLVL|AI_AGENT|CLAUDECODE|CLAUDE_(PROJECT_DIR|ENV_FILE|PLUGIN_\w+|EFFORT))$/,
  /^CLAUDE_CODE_(ENTRYPOINT|SSE_PORT|SESSION_ID|CHILD_SESSION|REMOTE_SESSION_ID)$/,
  /^(CODEX_(SANDBOX\w*|THREAD_ID|CI)|GEMINI_(CLI|PROJECT_DIR|SESSION_ID|CWD)|OPENCODE|OPENCODE_PID)$/,
];
/** Of an agent's own start; a person may have them too. */
const OF_AN_AGENT = /^OPENCODE_CONFIG(_CONTENT)?$/;

/** Whether a variable belongs to the process that set it, and to no other. */
export const isOfAnother = (name: string): boolean => NEVER.some((one) => one.test(name));

/** Where the agent's programs, files and words are: as at its first start, whoever restarts it. */
const FIXED = /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TMUX_TMPDIR|LANG|LANGUAGE|LC_\w+|TZ|XDG_\w+)$/;
/** How it reaches the world. */
const WAYS =
  /^((https?|ftp|all|no)_proxy|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSH_AUTH_SOCK)$/i;
/** What nobody may read in a view. */
const SECRET = /KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL|COOKIE|PROXY|HEADER/i;

export const isSecret = (name: string): boolean => SECRET.test(name);

/** No other name can be exported by sh. */
const NAME = /^[A-Za-z_]\w*$/;

const isNamed = (patterns: readonly string[], name: string) =>
  patterns.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));

/** What reaches an agent of the environment of whoever starts it, and what is kept of that. */
export function surroundings({ caller, kept, isPerson, own }: Origin): Surroundings {
  const byAgent = Boolean(caller.OV_AGENT);
  const may = (name: string) =>
    NAME.test(name) &&
    !(byAgent && OF_AN_AGENT.test(name)) &&
    (own.includes(name) || !isOfAnother(name));
  const isOwn = (name: string) => WAYS.test(name) || isNamed(own, name);
  const take = (wanted: (name: string) => boolean): Record<string, string> =>
    Object.fromEntries(
      Object.entries(caller).filter(
        (entry): entry is [string, string] =>
          entry[1] !== undefined && may(entry[0]) && wanted(entry[0]),
      ),
    );
  const once = (name: string) => !FIXED.test(name) && !isOwn(name);
  if (!kept) {
    return { kept: take((name) => FIXED.test(name) || isOwn(name)), once: take(once), newer: [] };
  }
  if (!isPerson || byAgent) return { kept, once: {}, newer: [] };
  const now = take((name) => !FIXED.test(name) && isOwn(name));
  const newer = Object.keys(now).filter((name) => now[name] !== kept[name]);
  return { kept: { ...kept, ...now }, once: take(once), newer };
}

/** What a carrier needs: where programs are, and what its settings name; no agent's keys. */
export const carrierVariables = (caller: Inherited, keep: readonly string[]): Variables => {
  const { kept } = surroundings({ caller, kept: undefined, isPerson: true, own: keep });
  return kept;
};
