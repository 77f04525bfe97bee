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
