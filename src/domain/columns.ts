/** Made when it is first needed: it costs milliseconds. */
let segmenter: Intl.Segmenter | undefined;
function graphemes(text: string): Iterable<{ segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
}
/** Latin letters and the usual dashes, quotes and dots: each takes one column, and none joins another. */
const NARROW = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u203a]*$/;
/** East Asian wide and fullwidth forms, and emoji; \ufe0f asks for an emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]|\ufe0f/u;
/** Marks that stand on nothing, joiners and other signs without a width. */
const NONE = /^[\p{Mn}\p{Me}\p{Cf}\u0000-\u001f\u007f-\u009f]+$/u;
const SGR = /\x1b\[[0-9;:]*m/g;

const size = (segment: string) => (NONE.test(segment) ? 0 : WIDE.test(segment) ? 2 : 1);

/** Columns that a line takes on a terminal; colours take none. */
export function columns(line: string): number {
  const text = line.replace(SGR, "");
  if (NARROW.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of graphemes(text)) sum += size(segment);
  return sum;
}

/** The line in at most `width` columns, with `…` where it was cut; colours stay closed. */
export function clip(line: string, width: number): string {
  if (width === Number.POSITIVE_INFINITY || columns(line) <= width) return line;
  let left = width - 1;
  let cut = "";
  for (const part of line.split(/(\x1b\[[0-9;:]*m)/)) {
    if (part.startsWith("\x1b")) cut += part;
    else if (left >= 0) {
      for (const { segment } of graphemes(part)) {
        left -= size(segment);
        if (left < 0) {
          cut += width > 0 ? "…" : "";
          break;
        }
        cut += segment;
      }
    }
  }
  return cut;
}
