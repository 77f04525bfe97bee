/** A run of characters with the attributes that tell a draft from a placeholder. */
export interface Span {
  text: string;
  dim: boolean;
  reverse: boolean;
}

/** Splits a captured line (`capture-pane -e`) into spans; colours are dropped. */
export function spans(line: string, state = { dim: false, reverse: false }): Span[] {
  const found: Span[] = [];
  for (const part of line.split(/(\x1b\[[0-9;:]*m)/)) {
    const code = /^\x1b\[([0-9;:]*)m$/.exec(part)?.[1];
    if (code === undefined) {
      const text = part.replace(
        /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x0e|\x0f/g,
        "",
      );
      if (text.length > 0) found.push({ text, dim: state.dim, reverse: state.reverse });
    } else {
      apply(code, state);
    }
  }
  return found;
}

function apply(code: string, state: { dim: boolean; reverse: boolean }): void {
  const values = code.split(";").map((value) => Number(value.split(":")[0]));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 38 || value === 48) i += values[i + 1] === 2 ? 4 : 2;
    else if (value === 0) Object.assign(state, { dim: false, reverse: false });
    else if (value === 2) state.dim = true;
    else if (value === 22) state.dim = false;
    else if (value === 7) state.reverse = true;
    else if (value === 27) state.reverse = false;
  }
}

/** All lines as plain text and as spans; attributes run on from line to line, as tmux prints. */
export function readLines(lines: readonly string[]): { text: string; spans: Span[] }[] {
  const state = { dim: false, reverse: false };
  return lines.map((line) => {
    const found = spans(line, state);
    return { text: found.map((span) => span.text).join(""), spans: found };
  });
}
