/**
 * Fills `{{name}}` in a template. `{{include other}}` takes another template in whole; a name
 * without a value stays as it is, so that a mistake shows.
 */
export function fill(
  template: string,
  values: Readonly<Record<string, string>>,
  include: (name: string) => string,
): string {
  return template
    .replace(/\{\{include ([a-z-]+)\}\}/g, (_, name: string) =>
      fill(include(name), values, include),
    )
    .replace(/\{\{([a-z]+)\}\}/g, (whole, name: string) => values[name] ?? whole)
    .trim();
}

export interface FirstPrompt {
  agent: string;
  task: string;
  parent: string;
  /** The specification's text, or undefined. */
  spec: string | undefined;
  files: readonly string[];
  /** What else whoever starts it wants it to know. */
  more?: string;
}

/** The first prompt of a session, given as an argument and never typed. */
export function firstPrompt({ agent, task, parent, spec, files, more = "" }: FirstPrompt): string {
  const scope = files.length > 0 ? `Files that are yours: ${files.join(", ")}` : "";
  const what = spec?.trim() ?? `Wait for a letter from ${parent} that says what to do.`;
  return [`Task ${task} for ${agent}.`, scope, more, what].filter(Boolean).join("\n\n");
}

/**
 * A longer first prompt goes by a file: Linux takes at most 128 KiB for one argument of a program,
 * and some programs put more words into the same argument.
 */
export const PROMPT_BYTES = 100_000;

/** The most bytes of one argument: 128 KiB with its end (Linux, MAX_ARG_STRLEN). */
export const ARGUMENT_BYTES = 131_071;

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** What an agent is told in place of a first prompt that stands in this file. */
export function promptInFile(prompt: string, path: string): string {
  const title = prompt.split("\n", 1)[0]!.slice(0, 200);
  return [
    title,
    `What to do stands in a file of ${prompt.length} characters. Before anything else, read all of it, in parts if your tool cuts it; then do what it says.`,
    `Read the whole file: ${path}`,
  ].join("\n\n");
}
