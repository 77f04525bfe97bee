// Built into dist/main.mjs: what it imports statically would be loaded before the check.
// biome-ignore lint/correctness/noUnusedImports: the check needs it.
import * as fs from "node:fs";

/* {{check}} */
await import("./ov.mjs");
