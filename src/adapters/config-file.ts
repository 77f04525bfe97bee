import { parse, YAMLParseError } from "yaml";
import { type Config, checkConfig } from "../domain/config.ts";
import { AppError } from "../domain/errors.ts";
import { readText } from "./project.ts";

/** Reads `.overture/config.yaml`. Throws `usage` that names the line or the field. */
export function readConfig(path: string): Config {
  try {
    return checkConfig(parse(readText(path) ?? ""), path);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new AppError("usage", `${path}: ${error.message.split("\n")[0]}`, "see docs/config.md", {
      cause: error,
    });
  }
}
