const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const ASCII = /^[\u0020-\u007e]*$/;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes; near enough for a cursor, as terminals differ on emoji. */
export function columns(text: string): number {
  if (ASCII.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of segments.segment(text)) sum += WIDE.test(segment) ? 2 : 1;
  return sum;
}

/** Control sequences in tool output must not reach the terminal. */
export function printable(text: string): string {
  return text
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "")
    .replace(/\t/g, "    ")
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, "");
}

/** Cuts each line of a text into rows of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, Math.max(1, width)));
}

function wrapLine(line: string, width: number): string[] {
  if (ASCII.test(line)) {
    const rows = Math.max(1, Math.ceil(line.length / width));
    return Array.from({ length: rows }, (_, i) => line.slice(i * width, (i + 1) * width));
  }
  const rows: string[] = [];
  let row = "";
  let used = 0;
  for (const { segment } of segments.segment(line)) {
    const size = WIDE.test(segment) ? 2 : 1;
    if (used + size > width) {
      rows.push(row);
      row = "";
      used = 0;
    }
    row += segment;
    used += size;
  }
  return [...rows, row];
}

/** As `wrap`, but breaks after blanks where a word fits in a row. */
export function wrapWords(text: string, width: number): string[] {
  const room = Math.max(1, width);
  return text.split("\n").flatMap((line) => {
    const rows: string[] = [];
    let row = "";
    for (const word of line.split(/(?<= )/)) {
      if (columns(row) + columns(word.trimEnd()) <= room) row += word;
      else {
        if (row !== "") rows.push(row);
        rows.push(...wrapLine(word, room));
        row = rows.pop() ?? "";
      }
    }
    return [...rows, row];
  });
}

/** The beginning of a line that fits in `width` columns. */
export function clip(line: string, width: number): string {
  return wrapLine(line, Math.max(1, width))[0] ?? "";
}
