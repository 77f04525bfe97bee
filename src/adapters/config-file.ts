import type { Config } from "../domain/config.ts";
import { parseConfig } from "./config-yaml.ts";
import { readIfThere } from "./files.ts";

/** Reads `.overture/config.yaml`. Throws `usage` that names the line or the field. */
export const readConfig = (path: string): Config => parseConfig(readIfThere(path) ?? "", path);
