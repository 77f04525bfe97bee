/** Tokens as they are paid for: no figure holds another. */
export interface Tokens {
  /** Without what came from the cache. */
  input: number;
  cacheRead: number;
  /** Written to the cache for minutes, and for an hour. */
  cacheWrite: number;
  cacheWrite1h: number;
  /** All that was written, reasoning too. */
  output: number;
}

/** One call of a model, as the program that made it wrote it down. */
export interface Call extends Tokens {
  /** The same call may stand in two transcripts; undefined where the program has no id for it. */
  id: string | undefined;
  model: string;
  /** Unix ms. */
  at: number;
  /** What it cost in USD by the program's own word. */
  told?: number | undefined;
}

export const NO_TOKENS: Tokens = {
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  output: 0,
};

export const addTokens = (a: Tokens, b: Tokens): Tokens => ({
  input: a.input + b.input,
  cacheRead: a.cacheRead + b.cacheRead,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h,
  output: a.output + b.output,
});

/** What the model was given. */
export const promptOf = ({ input, cacheRead, cacheWrite, cacheWrite1h }: Tokens): number =>
  input + cacheRead + cacheWrite + cacheWrite1h;

/** All that the model was given and has written. */
export const tokensOf = (tokens: Tokens): number => promptOf(tokens) + tokens.output;
