import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type SourceFile, violations } from "./layers.ts";

const SRC = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path): SourceFile => ({ path: `src/${path}`, text: readFileSync(`src/${path}`, "utf8") }));

const file = (path: string, text: string): SourceFile => ({ path, text });

test("every import keeps to the table of rooms, every word to its home, every file to 300 lines", () => {
  expect(SRC.length).toBeGreaterThan(50);
  expect(violations(SRC)).toEqual([]);
});

const WRONG: [string, SourceFile[]][] = [
  ["domain imports a package", [file("src/domain/a.ts", 'import x from "yaml";')]],
  ["domain imports node", [file("src/domain/a.ts", 'import { join } from "node:path";')]],
  ["domain imports a port", [file("src/domain/a.ts", 'import type { A } from "../ports/b.ts";')]],
  ["ports import a value", [file("src/ports/a.ts", 'import { b } from "../domain/b.ts";')]],
  [
    "ports import a use case",
    [file("src/ports/a.ts", 'import type { B } from "../usecases/b.ts";')],
  ],
  [
    "a use case imports an adapter",
    [file("src/usecases/a.ts", 'import { b } from "../adapters/b.ts";')],
  ],
  ["a use case imports node", [file("src/usecases/a.ts", 'import "node:fs";')]],
  [
    "a use case imports a port's value",
    [file("src/usecases/a.ts", 'import { b } from "../ports/b.ts";')],
  ],
  [
    "use cases import in a circle",
    [
      file("src/usecases/a.ts", 'import { b } from "./b.ts";'),
      file("src/usecases/b.ts", 'import { a } from "./a.ts";'),
    ],
  ],
  [
    "an adapter imports a use case",
    [file("src/adapters/a.ts", 'import { b } from "../usecases/b.ts";')],
  ],
  ["an adapter imports the cli", [file("src/adapters/a.ts", 'import { b } from "../cli/b.ts";')]],
  [
    "a command imports an adapter",
    [file("src/cli/commands/a.ts", 'import { b } from "../../adapters/b.ts";')],
  ],
  [
    "a command loads an adapter later",
    [file("src/cli/commands/a.ts", 'await import("../../adapters/b.ts");')],
  ],
  ["tmux is called elsewhere", [file("src/adapters/a.ts", 'run("tmux", []);')]],
  ["execa is loaded elsewhere", [file("src/adapters/a.ts", 'import { execa } from "execa";')]],
  [
    "better-sqlite3 is loaded elsewhere",
    [file("src/adapters/a.ts", 'import D from "better-sqlite3";')],
  ],
  ["an adapter reads the environment", [file("src/adapters/a.ts", "const x = process.env.HOME;")]],
  ["an adapter prints", [file("src/adapters/a.ts", 'console.log("x");')]],
  ["a catch is empty", [file("src/adapters/a.ts", "try { f(); } catch {}")]],
  ["a file has 301 lines", [file("src/domain/a.ts", "//\n".repeat(301))]],
];

test.each(WRONG)("it is a violation when %s", (_, files) => {
  expect(violations(files)).toHaveLength(1);
});
