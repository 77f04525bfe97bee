/** A member of an object, or an element of an array: `start` is its first character. */
interface Item {
  key: string | number;
  start: number;
  value: number;
  /** Behind its value. */
  end: number;
}

const BLANK = /\s/;
const STRING = '"(?:[^"\\\\\\n]|\\\\.)*"';
const COMMENTS = new RegExp(`${STRING}|//[^\\n]*|/\\*[\\s\\S]*?\\*/`, "g");
const LAST_COMMAS = new RegExp(`${STRING}|,(?=\\s*[}\\]])`, "g");

/**
 * A text as strict JSON: its comments, its last commas and its byte order mark are blanks, so that
 * every other character stands where it stood.
 */
export function strict(text: string): string {
  const spaces = (found: string) => (found[0] === '"' ? found : found.replace(/[^\n]/g, " "));
  return text
    .replace(/^\uFEFF/, " ")
    .replace(COMMENTS, spaces)
    .replace(LAST_COMMAS, spaces);
}

function skipBlanks(text: string, at: number): number {
  let i = at;
  while (BLANK.test(text[i] ?? "")) i++;
  return i;
}

/** Behind the string or the value that begins at `at`, in a text that JSON.parse has taken. */
function behind(text: string, at: number): number {
  if (text[at] === '"') {
    let i = at + 1;
    while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
    return i + 1;
  }
  if (text[at] !== "{" && text[at] !== "[") {
    let i = at;
    while (i < text.length && !/[\s,\]}]/.test(text[i]!)) i++;
    return i;
  }
  let depth = 0;
  for (let i = at; ; ) {
    const mark = text[i]!;
    if (mark === "{" || mark === "[") depth++;
    if (mark === "}" || mark === "]") depth--;
    i = mark === '"' ? behind(text, i) : i + 1;
    if (depth === 0) return i;
  }
}

/** What is in the object or array at `at`, in a strict text. */
function itemsOf(text: string, at: number): Item[] {
  const found: Item[] = [];
  const isObject = text[at] === "{";
  if (!isObject && text[at] !== "[") return found;
  const close = behind(text, at) - 1;
  for (let start = skipBlanks(text, at + 1); start < close; ) {
    const colon = isObject ? skipBlanks(text, behind(text, start)) : start;
    const value = isObject ? skipBlanks(text, colon + 1) : start;
    const end = behind(text, value);
    const key = isObject ? JSON.parse(text.slice(start, behind(text, start))) : found.length;
    found.push({ key, start, value, end });
    const next = skipBlanks(text, end);
    start = text[next] === "," ? skipBlanks(text, next + 1) : next;
  }
  return found;
}

type Path = readonly (string | number)[];

/** Where the value of this path is, and what it stands in; undefined where there is none. */
function find(text: string, path: Path): { holder: number; items: Item[]; at: number } | undefined {
  let holder = skipBlanks(text, 0);
  for (const [i, key] of path.entries()) {
    const items = itemsOf(text, holder);
    const at = items.findIndex((item) => item.key === key);
    if (at === -1) return undefined;
    if (i === path.length - 1) return { holder, items, at };
    holder = items[at]!.value;
  }
  return undefined;
}

/** The line of this path's key or value, from 1. */
export function lineOf(text: string, path: Path): number {
  const found = find(strict(text), path);
  const start = found ? found.items[found.at]!.start : 0;
  return text.slice(0, start).split("\n").length;
}

const indentAt = (text: string, at: number): string | undefined =>
  /(?:^|\n)([ \t]*)$/.exec(text.slice(0, at))?.[1];

/**
 * Sets a member of an object inside a JSON text, with comments or without (undefined takes it out),
 * and leaves every other byte as it is: a person's layout, order and double keys stay. `path` has
 * the keys of objects on the way, which are made where they are missing and taken out where nothing
 * else was in them.
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  if (value !== undefined) return change(text, skipBlanks(strict(text), 0), path, value);
  if (!find(strict(text), path)) return text;
  let shown: Path = path;
  // An object in which nothing else was.
  while (shown.length > 1 && find(strict(text), shown)!.items.length === 1)
    shown = shown.slice(0, -1);
  return removeAt(text, shown);
}

/** Puts an element behind the last one of an array; the array is made where it is missing. */
export function append(text: string, path: readonly string[], value: unknown): string {
  const plain = strict(text);
  const found = find(plain, path);
  const last = found && itemsOf(plain, found.items[found.at]!.value).at(-1);
  if (!last) return setMember(text, path, [value]);
  const indent = indentAt(text, last.start);
  const gap = indent === undefined ? " " : `\n${indent}`;
  const added = lines(text, `,${gap}${print(text, value, indent)}`);
  return text.slice(0, last.end) + added + text.slice(last.end);
}

function print(text: string, value: unknown, indent: string | undefined): string {
  if (indent === undefined) return JSON.stringify(value);
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", `\n${indent}`);
}

/** With the line ends of the text. */
const lines = (text: string, added: string): string =>
  text.includes("\r\n") ? added.replaceAll("\n", "\r\n") : added;

function change(text: string, object: number, path: readonly string[], value: unknown): string {
  const [key = "", ...rest] = path;
  const plain = strict(text);
  const all = itemsOf(plain, object);
  const member = all.find((item) => item.key === key);
  if (member && rest.length > 0) return change(text, member.value, rest, value);
  const whole = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  const first = all[0];
  const own = indentAt(text, skipBlanks(plain, text.lastIndexOf("\n", object) + 1));
  const indent = first ? indentAt(text, first.start) : `${own ?? ""}${unitOf(text)}`;
  const shown = print(text, whole, indent);
  if (member) return text.slice(0, member.value) + lines(text, shown) + text.slice(member.end);
  const line = `${JSON.stringify(key)}: ${shown}`;
  const gap = indent === undefined ? " " : `\n${indent}`;
  const last = all.at(-1);
  if (last) return text.slice(0, last.end) + lines(text, `,${gap}${line}`) + text.slice(last.end);
  const close = behind(plain, object) - 1;
  // Comments in an object without members stay.
  const kept = text.slice(object + 1, close).trimEnd();
  const added = lines(text, `\n${indent}${line}\n${own ?? ""}`);
  return text.slice(0, object + 1) + kept + added + text.slice(close);
}

/** What one level is indented by. */
const unitOf = (text: string): string => /\n([ \t]+)"/.exec(text)?.[1] ?? "  ";

/** Takes out a member or an element, with its comma and its line, and no comment beside it. */
export function removeAt(text: string, path: Path): string {
  const plain = strict(text);
  const found = find(plain, path);
  if (!found) return text;
  const { holder, items, at } = found;
  const { start, end } = items[at]!;
  const blanks = text.slice(0, start).length - text.slice(0, start).trimEnd().length;
  const before = items[at - 1];
  if (before) {
    const comma = plain.indexOf(",", before.end);
    return text.slice(0, comma) + text.slice(comma + 1, start - blanks) + text.slice(end);
  }
  if (items[at + 1]) {
    const comma = plain.indexOf(",", end);
    return text.slice(0, start) + text.slice(comma + 1).trimStart();
  }
  const close = behind(plain, holder) - 1;
  const rest = text.slice(holder + 1, start) + text.slice(end, close);
  if (rest.replaceAll(",", "").trim() === "") return text.slice(0, holder + 1) + text.slice(close);
  return text.slice(0, start - blanks) + text.slice(end);
}
