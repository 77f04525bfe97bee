import { LOOKS_LIKE } from "./look-alike-table.ts";

/**
 * The body of a message is given to a model between lines that Overture writes, such as its header.
 * Here a body loses whatever could be read as such a line, or as the tag that ends the text of a hook,
 * also where it is written with characters that only look alike, or that show as nothing.
 */

/** Shown as nothing, or as a blank. */
const UNSEEN = /[\s\p{DI}\p{Cf}\p{Zs}\p{Mn}\u2800]+/gu;
/** Dashes that are as long as several of ours, and boxes drawn as a line. */
const LONG_DASH = /[\u2014\u2015\u2e3a\u2e3b\u30fc\uff0d]/gu;
const DASH = /[\p{Pd}\u2500\u2501\u2504\u2505\u2508\u2509\u254c\u254d\u23af\u2013]/gu;
const TAGS = [
  // Claude Code and OpenCode; Claude Code; Codex; Gemini CLI.
  ...["system-reminder", "user-prompt-submit-hook", "task-notification"],
  ...["hook-prompt", "environment-context", "user-instructions", "hook-context"],
];

/** Letters and digits that cannot be told apart become one. */
const fold = (text: string) =>
  text.replaceAll("0", "o").replace(/[1i|]/g, "l").replaceAll("rn", "m").replaceAll("_", "-");

const NUMBER = "[ol\\p{N}]{1,40}";
const makeOurs = () =>
  new RegExp(
    `^(?:-{2,}${fold("from:")}|\\[${fold("replywith:")}|${fold("payload:")}|\\[${fold("cuthere")}|` +
      `\\[ov(?:wake|type)-|${fold("youhave")}${NUMBER}${fold("newmessage")}|` +
      `${NUMBER}${fold("morewaiting")})`,
    "u",
  );
const makeTag = () => new RegExp(`</?(?:${TAGS.map(fold).join("|")})`);
/** Almost every line of a message has none of these, and costs no more. */
const MAYBE = /[^\u0000-\u007f]|^\s*(?:-\s*-|\[|\d+\s*m|p\s*a|y\s*[o0])|<\s*\/?\s*[a-z]+\s*[-_]/i;

/** Made at the first line that may need them: most messages have none. */
let made: { ours: RegExp; tag: RegExp; less: RegExp; table: Map<string, string> } | undefined;
const forms = () => {
  made ??= {
    ...{ ours: makeOurs(), tag: makeTag(), less: makeLess() },
    table: new Map(
      Object.entries(LOOKS_LIKE).flatMap(([to, all]) => [...all].map((one) => [one, to] as const)),
    ),
  };
  return made;
};

/** The text as it reads: without what is not seen, each character as the plainest of its like. */
function shapeOf(text: string): string {
  const { table } = forms();
  const seen = text.replace(LONG_DASH, "---").replace(DASH, "-").normalize("NFKD");
  let shape = "";
  for (const one of seen.replace(UNSEEN, "")) shape += table.get(one) ?? one;
  return fold(shape.toLowerCase());
}

const makeLess = () => new RegExp(`[<\\ufe64\\uff1c${LOOKS_LIKE["<"]}]`, "gu");

/** A text in which no tag of a runtime begins or ends; `by` stands for each `<` of such a line. */
const withoutTags = (text: string, by: (less: string) => string): string =>
  MAYBE.test(text) && forms().tag.test(shapeOf(text)) ? text.replace(forms().less, by) : text;

export const quoteSubject = (subject: string): string => withoutTags(subject, () => "&lt;");

/** JSON stays JSON of the same value. */
export const quotePayload = (json: string): string =>
  withoutTags(json, (less) => `\\u${less.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Every line of a body that reads as one of ours begins with `> `. */
export const quoteBody = (body: string): string => body.replace(/^.+$/gmu, quoteLine);

function quoteLine(line: string): string {
  if (!MAYBE.test(line)) return line;
  const shape = shapeOf(line);
  const { ours, tag, less } = forms();
  const safe = tag.test(shape) ? line.replace(less, "&lt;") : line;
  // A field of that name, as in YAML, is none of our lines.
  const isField = shape.startsWith("payload") && /^\s*payload/.test(line);
  return ours.test(shape) && !isField ? `> ${safe}` : safe;
}
