// Bundles the command into dist/, one file a lazily loaded verb.
// Bundling is for the start: see docs/speed.md for the measured ratio.
import { rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { main: "src/cli/main.ts", agent: "src/adapters/runtimes/scripted/agent.ts" },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  minifySyntax: true,
  minifyWhitespace: true,
  external: ["better-sqlite3"],
  chunkNames: "chunks/[name]-[hash]",
  banner: {
    // Bundled CommonJS packages (commander, yaml) call require at load.
    js: 'import { createRequire as __require } from "node:module"; const require = __require(import.meta.url);',
  },
  logLevel: "warning",
});
