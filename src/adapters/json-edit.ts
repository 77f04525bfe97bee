/** A member of an object in a JSON text: `start` is its key's quote, `end` is behind its value. */
interface Member {
  key: string;
  start: number;
  value: number;
  end: number;
}

const BLANK = /\s/;

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

function members(text: string, object: number): Member[] {
  const found: Member[] = [];
  let at = skipBlanks(text, object + 1);
  while (text[at] === '"') {
    const colon = skipBlanks(text, behind(text, at));
    const value = skipBlanks(text, colon + 1);
    const end = behind(text, value);
    found.push({ key: JSON.parse(text.slice(at, behind(text, at))), start: at, value, end });
    const next = skipBlanks(text, end);
    at = text[next] === "," ? skipBlanks(text, next + 1) : next;
  }
  return found;
}

const indentAt = (text: string, at: number): string | undefined =>
  /(?:^|\n)([ \t]*)$/.exec(text.slice(0, at))?.[1];

/**
 * Sets a member of an object inside a JSON text (undefined takes it out) and leaves every other
 * byte as it is: a person's layout, order and double keys stay. `path` has the keys of objects on
 * the way, which are made where they are missing and taken out where nothing else was in them.
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  return change(text, skipBlanks(text, 0), path, value);
}

function change(text: string, object: number, path: readonly string[], value: unknown): string {
  const [key = "", ...rest] = path;
  const all = members(text, object);
  const at = all.findIndex((member) => member.key === key);
  const member = all[at];
  if (value === undefined) {
    if (!member) return text;
    const inner = rest.length > 0 ? members(text, member.value) : [];
    const isOnlyOne = inner.length === 1 && inner[0]?.key === rest[0];
    return rest.length > 0 && !isOnlyOne
      ? change(text, member.value, rest, undefined)
      : without(text, object, all, at);
  }
  if (member && rest.length > 0) return change(text, member.value, rest, value);
  const whole = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  const first = all[0];
  const own = indentAt(text, behindIndent(text, object));
  const indent = first ? indentAt(text, first.start) : `${own ?? ""}${unitOf(text)}`;
  const print = (one: unknown) =>
    indent === undefined
      ? JSON.stringify(one)
      : JSON.stringify(one, null, unitOf(text)).replaceAll("\n", `\n${indent}`);
  if (member) return text.slice(0, member.value) + print(whole) + text.slice(member.end);
  const line = `${JSON.stringify(key)}: ${print(whole)}`;
  const gap = indent === undefined ? " " : `\n${indent}`;
  const last = all.at(-1);
  if (last) return `${text.slice(0, last.end)},${gap}${line}${text.slice(last.end)}`;
  const close = behind(text, object) - 1;
  return `${text.slice(0, object + 1)}\n${indent}${line}\n${own ?? ""}${text.slice(close)}`;
}

/** Where the line of this object's opening has its first word. */
function behindIndent(text: string, object: number): number {
  return skipBlanks(text, text.lastIndexOf("\n", object) + 1);
}

/** What one level is indented by. */
const unitOf = (text: string): string => /\n([ \t]+)"/.exec(text)?.[1] ?? "  ";

function without(text: string, object: number, all: readonly Member[], at: number): string {
  const { start, end } = all[at]!;
  const before = all[at - 1];
  if (before) return text.slice(0, before.end) + text.slice(end);
  const next = all[at + 1];
  if (next) return text.slice(0, start) + text.slice(next.start);
  return text.slice(0, object + 1) + text.slice(behind(text, object) - 1);
}
