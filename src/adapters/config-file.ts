import type { Config } from "../domain/config.ts";
import { parseConfig } from "./config-yaml.ts";
import { readText } from "./project.ts";

/** Reads `.overture/config.yaml`. Throws `usage` that names the line or the field. */
export const readConfig = (path: string): Config => parseConfig(readText(path) ?? "", path);
