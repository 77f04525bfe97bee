export interface Letter {
  id: string;
  from: string;
  /** Lower case; `normal` when the header names none. */
  priority: string;
  type: string;
  subject: string;
  body: string;
  /** The JSON of the payload line; undefined when there is none or it does not parse. */
  payload: unknown;
}

const HEADER = /^--- From: (.+?)(?: \[([A-Z]+)\])?(?: \(([\w-]+)\))? ---$/;
const REPLY = /^\[Reply with: ov mail reply ([^\s~]+)[^\n]*\]$/;
const SUBJECT = "Subject: ";
const PAYLOAD = "Payload: ";

function parsePayload(line: string | undefined): unknown {
  if (!line?.startsWith(PAYLOAD)) return undefined;
  try {
    return JSON.parse(line.slice(PAYLOAD.length));
  } catch {
    return undefined;
  }
}

function toLetter(header: RegExpExecArray, id: string, lines: string[]): Letter {
  const subject = lines[0]?.startsWith(SUBJECT) ? lines.shift()!.slice(SUBJECT.length) : "";
  const payload = parsePayload(lines.at(-1));
  if (payload !== undefined) lines.pop();
  const [, from = "", priority = "normal", type = ""] = header;
  return {
    id,
    from,
    priority: priority.toLowerCase(),
    type,
    subject,
    body: lines.join("\n").trim(),
    payload,
  };
}

/**
 * The letters that stand in a context, in order. A letter runs from its header to its reply line;
 * one without a reply line was cut and is not a letter.
 */
export function parseLetters(context: string): Letter[] {
  const letters: Letter[] = [];
  let header: RegExpExecArray | null = null;
  let lines: string[] = [];
  for (const line of context.split("\n")) {
    if (!header) {
      header = HEADER.exec(line);
      lines = [];
      continue;
    }
    const id = REPLY.exec(line)?.[1];
    if (id === undefined) {
      lines.push(line);
      continue;
    }
    letters.push(toLetter(header, id, lines));
    header = null;
  }
  return letters;
}
