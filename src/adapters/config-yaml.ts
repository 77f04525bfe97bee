import { parse, YAMLParseError } from "yaml";
import { type Config, checkConfig } from "../domain/config.ts";
import { AppError } from "../domain/errors.ts";

/** Parses and checks a config. Throws `usage` that names the line or the field. */
export function parseConfig(text: string, path: string): Config {
  try {
    return checkConfig(parse(text), path);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new AppError("usage", `${path}: ${error.message.split("\n")[0]}`, "see docs/config.md", {
      cause: error,
    });
  }
}
