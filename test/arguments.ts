import { type ParseArgsConfig, parseArgs } from "node:util";

/** As `parseArgs`; `--help` prints the usage, and what is not understood is said beside it (64). */
export function readArguments<T extends ParseArgsConfig>(usage: string, config: T) {
  if (process.argv.slice(2).some((word) => word === "--help" || word === "-h")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS")) throw error;
    console.error(`${(error as Error).message.split(". ")[0]}\n${usage}`);
    process.exit(64);
  }
}
