/** What the hooks of Overstory call, under either of its names, and the variable that they ask. */
const CALL =
  /\b(ov|overstory) (log (tool-start|tool-end|session-end)|prime --agent|mail check --inject|init --ensure)\b|OVERSTORY_/;
/** The end of an entry of our own. */
const OURS = /# overture\s*$/;
/** A member `command` of a text of settings, which may hold comments. */
const MEMBER = /"command"\s*:\s*("(?:[^"\\\n]|\\.)*")/g;

/** Hooks of Overstory in a text of settings, whatever its form. */
export function overstoryLines(text: string): string[] {
  const commands = [...text.matchAll(MEMBER)].map(([, word = '""']) => unquoted(word));
  return [...new Set(commands)].filter((line) => CALL.test(line) && !OURS.test(line));
}

function unquoted(word: string): string {
  try {
    return JSON.parse(word);
  } catch (error) {
    if (error instanceof SyntaxError) return word;
    throw error;
  }
}
