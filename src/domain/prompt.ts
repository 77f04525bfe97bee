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
}

/** The first prompt of a session, given as an argument and never typed. */
export function firstPrompt({ agent, task, parent, spec, files }: FirstPrompt): string {
  const scope = files.length > 0 ? `Files that are yours: ${files.join(", ")}` : "";
  const what = spec?.trim() ?? `Wait for a letter from ${parent} that says what to do.`;
  return [`Task ${task} for ${agent}.`, scope, what].filter(Boolean).join("\n\n");
}
