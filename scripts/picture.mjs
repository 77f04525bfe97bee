// Renders a captured terminal frame as SVG, without dependencies. docs/demo.svg was made so:
//   tmux -L picture -f /dev/null new-session -d -x 110 -y 40 'ov demo --no-keep'
//   tmux -L picture capture-pane -p -e | node scripts/picture.mjs 'ov demo' >docs/demo.svg
import { readFileSync } from "node:fs";

const CELL = { width: 8.43, height: 19 };
const PAD = 18;
const BAR = 34;
/** A dark window of its own: it looks the same on a light and on a dark page. */
const SCREEN = {
  back: "#1b1f27",
  bar: "#262b36",
  edge: "#4a5263",
  text: "#d5dae3",
  dim: "#8b94a5",
};
const BASIC = [
  "#5c6473",
  "#f2777a",
  "#8fd08c",
  "#f0c674",
  "#7fb2f0",
  "#d7a1e6",
  "#6fd3d6",
  "#d5dae3",
];

const plain = () => ({ color: undefined, bold: false, dim: false, reverse: false });

/** Applies the numbers of one `ESC[…m` to a style. */
function apply(style, codes) {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code === 0) Object.assign(style, plain());
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 22) style.bold = style.dim = false;
    else if (code === 7 || code === 27) style.reverse = code === 7;
    else if (code === 39) style.color = undefined;
    else if (code >= 30 && code <= 37) style.color = BASIC[code - 30];
    else if (code >= 90 && code <= 97) style.color = BASIC[code - 90];
    else if (code === 38 && codes[i + 1] === 2) {
      style.color = `rgb(${codes.slice(i + 2, i + 5).join(",")})`;
      i += 4;
    } else if (code === 38 || code === 48) i += codes[i + 1] === 2 ? 4 : 2;
  }
}

/** The runs of one line, each with its column; a run ends after a character outside ASCII. */
function runs(line, style) {
  const found = [];
  let column = 0;
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    const codes = /^\x1b\[([0-9;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) {
      apply(style, codes.split(";").map(Number));
      continue;
    }
    for (const text of part.match(/[\x20-\x7e]+|[^\x20-\x7e]/g) ?? []) {
      if (text.trim() !== "") found.push({ column, text, style: { ...style } });
      column += text.length;
    }
  }
  return found;
}

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const round = (value) => Math.round(value * 100) / 100;

function tspan({ column, text, style }) {
  const indent = text.length - text.trimStart().length;
  const x = round(PAD + (column + indent) * CELL.width);
  const color = style.color ?? (style.dim ? SCREEN.dim : undefined);
  const look = `${color ? ` fill="${color}"` : ""}${style.bold ? ' font-weight="700"' : ""}`;
  return `<tspan x="${x}"${look}>${escaped(text.trim())}</tspan>`;
}

function picture(title, frame) {
  const lines = frame.split("\n");
  while (
    lines
      .at(-1)
      ?.replace(/\x1b\[[0-9;]*m/g, "")
      .trim() === ""
  )
    lines.pop();
  const style = plain();
  const rows = lines.map((line) => runs(line, style));
  const columns = Math.max(...rows.flat().map(({ column, text }) => column + text.length));
  const width = Math.ceil(columns * CELL.width + 2 * PAD);
  const height = Math.ceil(BAR + rows.length * CELL.height + 1.4 * PAD);
  const texts = rows.map((row, i) => {
    const y = round(BAR + PAD * 0.4 + (i + 1) * CELL.height);
    return row.length === 0 ? "" : `<text y="${y}">${row.map(tspan).join("")}</text>`;
  });
  const dots = ["#f2777a", "#f0c674", "#8fd08c"].map(
    (fill, i) => `<circle cx="${PAD + 4 + i * 20}" cy="${BAR / 2}" r="5.5" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)} in a terminal">
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="9" fill="${SCREEN.back}" stroke="${SCREEN.edge}"/>
<path d="M1 ${BAR}V10a9 9 0 0 1 9-9h${width - 20}a9 9 0 0 1 9 9v${BAR - 10}z" fill="${SCREEN.bar}"/>
${dots.join("")}
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${SCREEN.text}" xml:space="preserve">
<text x="${width / 2}" y="${BAR / 2 + 5}" text-anchor="middle" fill="${SCREEN.dim}">${escaped(title)}</text>
${texts.filter(Boolean).join("\n")}
</g>
</svg>
`;
}

const [title = "terminal"] = process.argv.slice(2);
process.stdout.write(picture(title, readFileSync(0, "utf8")));
