import { isOfAnother, isSecret, type Variables } from "./environment.ts";

/** What every gate gets of the environment of whoever merges. */
const ALWAYS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TERM|TMPDIR|CI|(https?|ftp|all|no)_proxy|(HTTPS?|FTP|ALL|NO)_PROXY)$/;

/**
 * Where the programs of builds find their files, and how they build; names, or beginnings that
 * end in `*`. One whose name or value looks as if it held a secret is not given. Told in
 * docs/merge.md.
 */
export const TOOLCHAINS: Readonly<Record<string, readonly string[]>> = {
  "Node.js": words(
    "NODE_* npm_config_cache npm_config_registry NVM_DIR VOLTA_HOME FNM_DIR PNPM_HOME YARN_CACHE_FOLDER COREPACK_HOME DENO_DIR BUN_INSTALL",
  ),
  Go: words(
    "GOPATH GOROOT GOBIN GOCACHE GOMODCACHE GOFLAGS GOPROXY GONOPROXY GOPRIVATE GOSUMDB GONOSUMDB GOTOOLCHAIN GOOS GOARCH CGO_ENABLED",
  ),
  Rust: words("CARGO_HOME CARGO_TARGET_DIR RUSTUP_HOME RUSTUP_TOOLCHAIN RUSTFLAGS"),
  Java: words(
    "JAVA_HOME JDK_HOME MAVEN_HOME M2_HOME GRADLE_HOME GRADLE_USER_HOME SDKMAN_DIR ANDROID_HOME ANDROID_SDK_ROOT",
  ),
  Python: words(
    "PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX PYENV_* PIP_CACHE_DIR PIP_INDEX_URL PIP_CERT UV_CACHE_DIR",
  ),
  Ruby: words("GEM_HOME GEM_PATH RUBYLIB BUNDLE_PATH BUNDLE_GEMFILE RBENV_*"),
  "C and C++": words(
    "CC CXX CPP LD AR CFLAGS CXXFLAGS CPPFLAGS LDFLAGS LD_LIBRARY_PATH PKG_CONFIG_PATH CMAKE_PREFIX_PATH CMAKE_GENERATOR SDKROOT CCACHE_DIR",
  ),
  others: words(
    "DOTNET_ROOT NUGET_PACKAGES COMPOSER_HOME MIX_HOME HEX_HOME ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR NIX_PATH NIX_PROFILES XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME",
  ),
  certificates: words(
    "SSL_CERT_FILE SSL_CERT_DIR NIX_SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE",
  ),
};

function words(text: string): string[] {
  return text.split(" ");
}

/** Of a terminal, a desktop or a shell: nobody misses them in a gate. */
const NOISE =
  /^(DISPLAY|XAUTHORITY|WAYLAND_DISPLAY|XDG_\w+|DBUS_\w+|DESKTOP_SESSION|GNOME_\w+|KDE_\w+|LS_COLORS|LANGUAGE|LESS\w*|PAGER|MANPATH|EDITOR|VISUAL|MAIL|HIST\w+|SSH_(CLIENT|CONNECTION|TTY)|INIT_CWD|COLOR|npm_\w+)$/;
/** A URL with a name or a password in it. */
const LOGIN = /:\/\/[^/\s@]+@/;
const MOST = 10;
export const MINUTE = 60_000;

/** What a gate may have and how long it may run. */
export interface GateRoom {
  /** Its whole environment. */
  env: Variables;
  limitMs: number;
}

export interface GateVariables {
  env: Variables;
  /** Names of the caller that it did not get and may miss; those that look like secrets first. */
  withheld: string[];
}

/** A gate needs proxies to reach the network, so the name of a proxy is never taken for a secret. */
export const looksSecret = (name: string): boolean =>
  isSecret(name.replace(/PROXY|^XAUTHORITY$/gi, ""));

const isSecretHere = (name: string, value: string) => looksSecret(name) || LOGIN.test(value);

const fits = (patterns: readonly string[], name: string) =>
  patterns.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));

/** Shares out the environment of whoever merges; `named` are the names of `merge.env`. */
export function gateVariables(
  caller: Readonly<Record<string, string | undefined>>,
  named: readonly string[] = [],
): GateVariables {
  const toolchains = Object.values(TOOLCHAINS).flat();
  const isGiven = (name: string, value: string) =>
    ALWAYS.test(name) ||
    fits(named, name) ||
    (fits(toolchains, name) &&
      !isSecretHere(name, value) &&
      // An open file of the process that started this one.
      name !== "NODE_CHANNEL_FD");
  const all = Object.entries(caller).filter((one): one is [string, string] => one[1] !== undefined);
  const missed = all.filter(
    ([name, value]) =>
      !isGiven(name, value) &&
      !isOfAnother(name) &&
      (isSecretHere(name, value) || !NOISE.test(name)),
  );
  const names = (wanted: boolean) =>
    missed.flatMap(([name, value]) => (isSecretHere(name, value) === wanted ? [name] : [])).sort();
  return {
    env: Object.fromEntries(all.filter(([name, value]) => isGiven(name, value))),
    withheld: [...names(true), ...names(false)],
  };
}

/** One line for a gate that failed; undefined: it had all that the caller has. */
export function sayWithheld(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  return `not given to it: ${someOf(names)}; what it needs of your variables is named in merge.env`;
}

/** The first ten, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const rest = names.length - MOST;
  return `${names.slice(0, MOST).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
