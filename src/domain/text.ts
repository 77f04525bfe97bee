/**
 * Text from outside loses everything that a terminal would obey: C0 and C1 controls except
 * newline and tab (so no ESC[201~ can close a paste frame), and lone surrogates.
 * CR LF and CR become newline.
 */
export function cleanBody(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "")
    .toWellFormed();
}

/** A header line: as a body, on one line, without bidirectional overrides. */
export function cleanHeader(text: string): string {
  return cleanBody(text)
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[\n\t\u2028\u2029]+/g, " ")
    .trim();
}

/** Controls, and what shows as nothing or turns the order of a line round; joiners of words stay. */
const UNSEEN = String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]`;
/** Our own weights and colours. Others could hide a text. */
const OUR_SGR = String.raw`\u001b\[(?:[012]|22|3[1-69])m`;
const AT_A_TERMINAL = new RegExp(`${OUR_SGR}|${UNSEEN}`, "gu");

/**
 * A text as it is printed, whatever is in it: names of files and branches, subjects of commits,
 * words of other programs. Tabs, newlines and our own colours stay.
 */
export const forTerminal = (text: string): string =>
  text.replace(AT_A_TERMINAL, (found) =>
    found.length > 1 && found.startsWith("\u001b") ? found : "",
  );

const IN_JSON = new RegExp(UNSEEN, "gu");
const escaped = (text: string) =>
  text.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** JSON of the same value in which a terminal finds nothing to obey. */
export const jsonForTerminal = (value: unknown): string =>
  JSON.stringify(value).replace(IN_JSON, escaped);

/** A name from outside on one line: as JSON where something in it would not be seen as it is. */
export const oneLine = (name: string): string => {
  const isPlain = name === forTerminal(name) && !/[\n\t\u2028\u2029]/.test(name);
  return isPlain ? name : jsonForTerminal(name);
};

/** The first `max` UTF-16 units of a text, never cutting a surrogate pair in two. */
export function head(text: string, max: number): string {
  if (text.length <= max) return text;
  const code = text.charCodeAt(max - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? max - 1 : max);
}

/** One word of a command that a person types. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** What stands in rows of a screen that have SGR escapes, without the empty ones. */
export const plainLines = (rows: readonly string[]): string[] =>
  rows
    .map((row) => cleanBody(row.replace(/\u001b\[[0-9;:]*m/g, "")).trimEnd())
    .filter((row) => row !== "");
