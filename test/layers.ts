/** The walls of the house: docs/architecture.md says why. */
export interface SourceFile {
  path: string;
  text: string;
}

type Room = "domain" | "ports" | "usecases" | "adapters" | "cli";

/** What a room may import: `types` only as `import type`, `values` in any way. */
const MAY: Record<Room, Partial<Record<Room, "types" | "values">>> = {
  domain: { domain: "values" },
  ports: { domain: "types", ports: "values" },
  usecases: { domain: "values", ports: "types", usecases: "values" },
  adapters: { domain: "values", ports: "types", adapters: "values" },
  cli: { domain: "values", ports: "types", usecases: "values", cli: "values" },
};

const PACKAGES: Record<Room, (name: string) => boolean> = {
  domain: (name) => name === "zod" || name.startsWith("zod/"),
  ports: () => false,
  usecases: () => false,
  adapters: () => true,
  cli: () => true,
};

const COMPOSITION_ROOT = /^src\/cli\/context(\.ts|\/)/;
/** A program of its own: it is started in a pane and has its own terminal and environment. */
const SCRIPTED_AGENT = /^src\/adapters\/runtimes\/scripted\//;

/** Words with one home. */
const HOMES: { word: RegExp; home: RegExp; name: string }[] = [
  { name: '"tmux"', word: /["'`]tmux["'`]/, home: /^src\/adapters\/tmux\.ts$/ },
  { name: "execa", word: /["']execa["']/, home: /^src\/adapters\/process\.ts$/ },
  { name: "better-sqlite3", word: /["']better-sqlite3["']/, home: /^src\/adapters\/sqlite\// },
  { name: "process.env", word: /process\.env\b/, home: /^src\/cli\/|\/scripted\// },
  { name: "console", word: /\bconsole\.\w+\(/, home: /^src\/cli\/|\/scripted\// },
];

const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s)?([^;"']*?from\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

interface Import {
  target: string;
  isType: boolean;
}

export function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((match) => {
    const names = /\{([^}]*)\}/.exec(match[3] ?? "")?.[1]?.split(",") ?? [];
    const kept = names.map((name) => name.trim()).filter(Boolean);
    const allTypes = kept.length > 0 && kept.every((name) => name.startsWith("type "));
    return { target: match[4] ?? match[5] ?? "", isType: Boolean(match[2]) || allTypes };
  });
}

const roomOf = (path: string) => /^src\/(\w+)\//.exec(path)?.[1] as Room | undefined;

function resolve(from: string, target: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

function checkImport(file: SourceFile, { target, isType }: Import): string | undefined {
  const room = roomOf(file.path);
  if (!room) return `${file.path}: in no room`;
  if (!target.startsWith(".")) {
    return PACKAGES[room](target) ? undefined : `${file.path}: ${room} imports ${target}`;
  }
  const other = roomOf(resolve(file.path, target));
  if (!other) return `${file.path}: imports ${target}, in no room`;
  if (COMPOSITION_ROOT.test(file.path)) return undefined;
  const may = MAY[room][other];
  if (may === "values" || (may === "types" && isType)) return undefined;
  return `${file.path}: ${room} imports ${isType ? "types of" : "values of"} ${other} (${target})`;
}

function cycles(files: readonly SourceFile[]): string[] {
  const graph = new Map<string, string[]>();
  for (const { path, text } of files.filter(({ path }) => roomOf(path) === "usecases")) {
    const targets = importsOf(text).filter(({ target }) => target.startsWith("."));
    graph.set(
      path,
      targets.map(({ target }) => resolve(path, target)),
    );
  }
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) {
      found.push(`a circle of use cases: ${[...trail, path].join(" > ")}`);
      return;
    }
    if (done.has(path)) return;
    done.add(path);
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** Everything that breaks a wall, one line each; empty for a house in order. */
export function violations(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const file of files) {
    const lines = file.text.split("\n").length - 1;
    if (lines > 300) found.push(`${file.path}: ${lines} lines`);
    for (const one of importsOf(file.text)) {
      const wrong = checkImport(file, one);
      const inAgent = SCRIPTED_AGENT.test(file.path) && !one.target.startsWith("../../../../");
      const isHome = HOMES.some(
        ({ home, word }) => word.test(`"${one.target}"`) && !home.test(file.path),
      );
      if (wrong && !isHome && !inAgent) found.push(wrong);
    }
    for (const { word, home, name } of HOMES) {
      if (word.test(file.text) && !home.test(file.path)) {
        found.push(`${file.path}: ${name} has another home`);
      }
    }
    if (/catch\s*(\([^)]*\))?\s*\{\s*\}/.test(file.text)) found.push(`${file.path}: empty catch`);
  }
  return [...found, ...cycles(files)];
}
