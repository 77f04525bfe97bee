/** What `ov doctor` looks at, in its order. */
export const CATEGORIES = {
  dependencies: "the programs that Overture runs",
  tmux: "what the installed tmux really does",
  hooks: "whether hooks bring letters",
  store: "the database, its files and the letters in it",
  orphans: "what is left of sessions, worktrees and processes that have gone",
  agents: "logins, and trust in this folder",
  disk: "space",
  config: "the settings",
} as const;
export type Category = keyof typeof CATEGORIES;

/** `warn`: works, but somebody should know. `fail`: something does not work. */
export type Level = "warn" | "fail";

/** One thing that is wrong. Each says what was seen, and what to do. */
export interface Problem {
  level: Level;
  what: string;
  evidence: string;
  /** The command to type, or what `--fix` does. */
  fix: string;
  /** What it is about, for its fix and to know it again: a name, a path, an id. */
  about: string;
  /** `--fix` can take it away. */
  mendable: boolean;
}

/** What a check saw: the facts for a person, and what is wrong. */
export interface Look {
  said: string;
  problems: Problem[];
}

export interface Finding {
  id: string;
  category: Category;
  level: Level;
  what: string;
  evidence: string;
  fix: string;
  /** `--fix` took it away, and a second look did not find it. */
  fixed: boolean;
}

export interface Checked {
  id: string;
  category: Category;
  /** `skipped`: it could not look, which is no answer. */
  level: "ok" | Level | "skipped";
  said: string;
}

export const healthy = (said = ""): Look => ({ said, problems: [] });

interface Words {
  what: string;
  evidence: string;
  fix: string;
  about?: string;
}

const problem = (level: Level, mendable: boolean, words: Words): Problem => ({
  about: words.what,
  ...words,
  level,
  mendable,
});

/** A problem that only a person can take away. */
export const warns = (words: Words): Problem => problem("warn", false, words);
export const fails = (words: Words): Problem => problem("fail", false, words);
/** The same with a problem that `--fix` takes away. */
export const mends = (level: Level, words: Words): Problem => problem(level, true, words);

/** The worst of a check's problems. */
export function levelOf(problems: readonly { level: Level }[]): "ok" | Level {
  if (problems.length === 0) return "ok";
  return problems.some(({ level }) => level === "fail") ? "fail" : "warn";
}

/** Numbers of a version, compared from the left: negative when `a` is the older. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => (version.match(/\d+/g) ?? []).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** `1.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
