/**
 * A setting of a repository that makes git run a program, or a hook. `name` is its key as git
 * writes it, or `hooks/<file>`; for a hook the value is the hash of its text.
 */
export interface GitSetting {
  name: string;
  value: string;
}

export interface ChangedSetting {
  name: string;
  /** Its values when they were noted; none: it was not set. */
  before: string[];
  now: string;
}

/**
 * Keys whose value is a program, or a file with more settings; from git-config(1), gitattributes(5)
 * and git-lfs-config(5). Git prints the first and the last word of a key in small letters.
 */
const PROGRAMS = [
  /^filter\..*\.(clean|smudge|process)$/,
  /^diff\.(external|.*\.(command|textconv))$/,
  /^merge\..*\.driver$/,
  /^core\.(fsmonitor|hookspath|sshcommand|editor|pager|askpass|worktree|gitproxy)$/,
  /^core\.(attributesfile|alternaterefscommand)$/,
  /^sequence\.editor$/,
  /^gpg\.(.*\.)?(program|defaultkeycommand)$/,
  /^credential\.(.*\.)?helper$/,
  /^(alias|pager)\./,
  /^(include|includeif\..*)\.path$/,
  /^uploadpack\.packobjectshook$/,
  /^remote\..*\.(uploadpack|receivepack|proxy|vcs)$/,
  /^protocol\.(.*\.)?allow$/,
  /^trailer\..*\.(command|cmd)$/,
  /^(browser|mergetool|difftool|guitool|man)\..*\.(cmd|path)$/,
  /^(interactive\.difffilter|init\.templatedir|imap\.tunnel|sendemail\..*cmd)$/,
  /^(tar\..*\.command|hook\..*\.command)$/,
  /^lfs\.(standalonetransferagent|customtransfer\..*\.(path|args)|extension\..*\.(clean|smudge))$/,
];

/** `key` as git prints it. */
export function runsProgram(key: string, value: string): boolean {
  if (/^submodule\..*\.update$/.test(key)) return value.trimStart().startsWith("!");
  return PROGRAMS.some((one) => one.test(key));
}

/** What was added or has another value since it was noted. What is gone runs nothing. */
export function changedSettings(
  noted: readonly GitSetting[],
  found: readonly GitSetting[],
): ChangedSetting[] {
  const isNoted = (one: GitSetting) =>
    noted.some(({ name, value }) => name === one.name && value === one.value);
  return found
    .filter((one) => !isNoted(one))
    .map(({ name, value }) => ({
      name,
      before: noted.filter((one) => one.name === name).map((one) => one.value),
      now: value,
    }));
}

/** One line: `core.pager: was "less", is "less -R"`. */
export function sayChanged({ name, before, now }: ChangedSetting): string {
  const was = before.map((value) => JSON.stringify(value)).join(" and ");
  return `${name}: ${was === "" ? "not set before" : `was ${was}`}, is ${JSON.stringify(now)}`;
}
