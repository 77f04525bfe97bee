export interface Item {
  term: string;
  description: string;
}

/** What `--help` prints, taken apart. */
export interface HelpPage {
  usage: string;
  description: string;
  arguments: Item[];
  options: Item[];
  /** Of every heading that is none of the others. */
  commands: Item[];
  /** Lines under `Example:` or `Examples:`. */
  examples: string[];
}

export function readHelp(text: string): HelpPage {
  const [head = "", ...rest] = text.split(/\n(?=[A-Z]\w*:\n)/);
  const [usage = "", ...words] = head.split("\n").filter(Boolean);
  const section = (...names: string[]) => {
    const found = rest.find((part) => names.some((name) => part.startsWith(`${name}:\n`)));
    const end = found?.indexOf("\n\n") ?? -1;
    const lines = (end < 0 ? found : found?.slice(0, end))?.split("\n").slice(1) ?? [];
    return lines.filter(Boolean);
  };
  const others = ["Arguments", "Options", "Example", "Examples", "Exit"];
  const heads = rest.map((part) => /^\w+/.exec(part)?.[0] ?? "");
  const groups = heads.filter((head) => !others.includes(head));
  return {
    usage,
    description: words.join(" "),
    arguments: items(section("Arguments")),
    options: items(section("Options")),
    commands: groups.flatMap((group) => items(section(group))),
    examples: section("Example", "Examples"),
  };
}

/** `  term   description`; a line that is indented deeper goes on with the description. */
function items(lines: readonly string[]): Item[] {
  const found: Item[] = [];
  for (const line of lines) {
    const [, term, description = ""] = /^ {2}(\S.*?)(?: {2,}(.*))?$/.exec(line) ?? [];
    if (term !== undefined) found.push({ term, description });
    else if (found.length > 0) found.at(-1)!.description += ` ${line.trim()}`;
  }
  return found;
}
