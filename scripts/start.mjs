// Built into dist/main.mjs: what it imports statically would be loaded before the check.
// biome-ignore lint/correctness/noUnusedImports: the check needs it.
import * as fs from "node:fs";
import { enableCompileCache } from "node:module";

/* {{check}} */
// What V8 made of the modules is kept beside them; where this user may not write, it is made anew.
enableCompileCache(`${import.meta.dirname}/compiled`);
await import("./ov.mjs");
