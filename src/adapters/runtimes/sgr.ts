/** What tells a draft from a placeholder, a selected option from the others, a panel from the rest. */
interface Look {
  dim: boolean;
  reverse: boolean;
  /** Colours as the numbers that set them, `38;5;75` as `5;75`; empty for the terminal's own. */
  fore: string;
  back: string;
}

/** A run of characters that look the same. */
export interface Span extends Look {
  text: string;
}

const PLAIN: Look = { dim: false, reverse: false, fore: "", back: "" };

/** Splits a captured line (`capture-pane -e`) into spans. */
export function spans(line: string, state: Look = { ...PLAIN }): Span[] {
  const found: Span[] = [];
  for (const part of line.split(/(\x1b\[[0-9;:]*m)/)) {
    const code = /^\x1b\[([0-9;:]*)m$/.exec(part)?.[1];
    if (code === undefined) {
      const text = part.replace(
        /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x0e|\x0f/g,
        "",
      );
      if (text.length > 0) found.push({ text, ...state });
    } else {
      apply(code, state);
    }
  }
  return found;
}

function apply(code: string, state: Look): void {
  const values = code.split(";").map((value) => Number(value.split(":")[0]));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 38 || value === 48) {
      const length = values[i + 1] === 2 ? 4 : 2;
      const color = values.slice(i + 1, i + 1 + length).join(";");
      Object.assign(state, value === 38 ? { fore: color } : { back: color });
      i += length;
    } else if (value === 0) Object.assign(state, PLAIN);
    else if (value === 2) state.dim = true;
    else if (value === 22) state.dim = false;
    else if (value === 7) state.reverse = true;
    else if (value === 27) state.reverse = false;
    else if (value === 39) state.fore = "";
    else if (value === 49) state.back = "";
    else if ((value >= 30 && value <= 37) || (value >= 90 && value <= 97)) state.fore = `${value}`;
    else if ((value >= 40 && value <= 47) || (value >= 100 && value <= 107))
      state.back = `${value}`;
  }
}

/** A line as plain text and as spans; `back` is the background that it ends with, blank or not. */
export interface Line {
  text: string;
  spans: Span[];
  back: string;
}

/** Attributes run on from line to line, as tmux prints. */
export function readLines(lines: readonly string[]): Line[] {
  const state = { ...PLAIN };
  return lines.map((line) => {
    const found = spans(line, state);
    return { text: found.map((span) => span.text).join(""), spans: found, back: state.back };
  });
}
