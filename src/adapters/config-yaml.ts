import { isNode, isPair, LineCounter, parseDocument, YAMLParseError } from "yaml";
import { type Config, checkConfig, type LineOf } from "../domain/config.ts";
import { AppError } from "../domain/errors.ts";

/** Parses and checks a config. Throws `usage` that names the line and the field. */
export function parseConfig(text: string, path: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  try {
    const problem = document.errors[0];
    if (problem) throw problem;
    return checkConfig(document.toJS(), path, lineIn(document, lines));
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new AppError("usage", `${path}: ${error.message.split("\n")[0]}`, "see docs/config.md", {
      cause: error,
    });
  }
}

/** Of the setting itself, else of the nearest that holds it. */
function lineIn(document: ReturnType<typeof parseDocument>, lines: LineCounter): LineOf {
  return (path) => {
    for (let depth = path.length; depth > 0; depth--) {
      const above =
        depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
      const items = above && typeof above === "object" && "items" in above ? above.items : [];
      const word = String(path[depth - 1]);
      const found = (items as unknown[]).find(
        (item, i) => (isPair(item) ? String(item.key) : String(i)) === word,
      );
      const node = isPair(found) ? found.key : found;
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
}
