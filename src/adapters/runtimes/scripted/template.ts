import { AppError } from "../../../domain/errors.ts";
import type { Letter } from "./letters.ts";

const PLACEHOLDER = /\{\{\s*([\w.-]+)\s*\}\}/g;
const PLAIN_NAMES = ["id", "from", "subject", "body", "type", "priority", "agent"];

export interface Values {
  agent: string;
  /** Undefined in steps that no letter asked for: its placeholders are empty. */
  letter: Letter | undefined;
}

function lookUp(name: string, values: Values): string {
  if (name === "agent") return values.agent;
  const [first = "", ...path] = name.split(".");
  let value: unknown = (values.letter as unknown as Record<string, unknown> | undefined)?.[first];
  for (const key of path) {
    const owns = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    value = owns ? (value as Record<string, unknown>)[key] : undefined;
  }
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A word for `sh` that is exactly this text. NUL cannot be in an argument and is dropped. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("\0", "").replaceAll("'", "'\\''")}'`;
}

export function fillText(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (_, name: string) => lookUp(name, values));
}

export function fillCommand(template: string, values: Values): string {
  return template.replace(PLACEHOLDER, (_, name: string) => shellQuote(lookUp(name, values)));
}

/** Throws for a placeholder that does not exist. */
export function checkText(template: string, where: string): void {
  for (const [, name = ""] of template.matchAll(PLACEHOLDER)) {
    if (PLAIN_NAMES.includes(name) || /^payload(\.[\w-]+)*$/.test(name)) continue;
    throw new AppError(
      "usage",
      `${where}: unknown placeholder {{${name}}}`,
      `known: ${PLAIN_NAMES.join(", ")}, payload, payload.<key>`,
    );
  }
}

/**
 * As `checkText`, and throws where the quotes around a value would not hold: values come from
 * mail, and inside the author's own quotes, a comment, backticks or a here-document they would be
 * read as shell.
 */
export function checkCommand(template: string, where: string): void {
  checkText(template, where);
  const refuse = (what: string) => {
    throw new AppError(
      "usage",
      `${where}: a placeholder cannot stand ${what}`,
      'values are quoted for you: write {{subject}}, not "{{subject}}"',
    );
  };
  if (!new RegExp(PLACEHOLDER).test(template)) return;
  if (template.includes("`")) refuse("in a command with backticks");
  if (template.includes("<<")) refuse("in a command with a here-document");
  if (template.includes("$'")) refuse("in a command with $'...'");
  let quote = "";
  for (let i = 0; i < template.length; i++) {
    const c = template[i]!;
    if (c === "\\" && quote !== "'") {
      i++;
      if (template.startsWith("{{", i)) refuse("after a backslash");
    } else if (c === quote) quote = "";
    else if (quote === "" && (c === "'" || c === '"')) quote = c;
    else if (quote === "" && c === "#" && /(^|[\s;&|()])$/.test(template.slice(0, i)))
      refuse("in a command with a comment");
    else if (quote !== "" && template.startsWith("{{", i)) refuse("inside quotes");
  }
}
