/** What went wrong, in words that the exit code table in `cli/output.ts` maps. */
export type ErrorKind =
  | "refused"
  | "usage"
  | "not_found"
  | "held"
  | "timeout"
  | "rate_limited"
  | "newer_database"
  | "disk_full"
  | "read_only"
  | "permission"
  | "disk_failed"
  | "exhausted"
  | "damaged"
  | "bug";

/** The one error that is an answer to a person; anything else becomes one where it is printed. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, hint?: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "AppError";
    this.kind = kind;
    this.hint = hint;
  }
}

/** What is stored can be read all the same. */
export const isUnwritable = ({ kind }: AppError): boolean =>
  kind === "disk_full" || kind === "read_only" || kind === "permission";

/** Edit distance of two words, for "did you mean". */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, swap));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The known word nearest to what was typed, or undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((k) => ({ k, d: distance(word, k) })).sort((x, y) => x.d - y.d);
  const best = ranked[0];
  return best && best.d <= Math.max(2, Math.floor(word.length / 3)) ? best.k : undefined;
}

/** An error for a word that is not on a list: names the list and the likely word. */
export function unknownWord(what: string, word: string, known: readonly string[]): AppError {
  const near = nearest(word, known);
  const list = known.length > 0 ? `known: ${known.join(", ")}` : "none exist yet";
  return new AppError(
    "not_found",
    `unknown ${what} "${word}"`,
    near ? `did you mean "${near}"? ${list}` : list,
  );
}
