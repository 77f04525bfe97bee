// Bundles the command into dist/, one chunk a lazily loaded verb, and `mail` once more as one file
// that starts from V8's code cache: hooks and agents call it all day. docs/speed.md has the figures.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const dist = resolve("dist");
const hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);
const common = {
  outdir: dist,
  bundle: true,
  platform: "node",
  target: "node20.19",
  minifySyntax: true,
  write: false,
  define: { OV_CONFIG_CODE: JSON.stringify(hash(readFileSync("src/domain/config.ts"))) },
  logLevel: "warning",
};

const modules = await build({
  ...common,
  entryPoints: { main: "src/cli/main.ts", agent: "src/adapters/runtimes/scripted/agent.ts" },
  outExtension: { ".js": ".mjs" },
  splitting: true,
  format: "esm",
  external: ["better-sqlite3"],
  chunkNames: "chunks/[name]-[hash]",
  banner: {
    // Bundled CommonJS packages (commander, yaml) call require at load.
    js: 'import { createRequire as ovRequire } from "node:module"; const require = ovRequire(import.meta.url);',
  },
});

/** bin/ov calls the mail bundle for no other verb, and no lazily loaded package. */
const mailOnly = {
  name: "mail-only",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" && (/^\.\/commands\/(?!mail)/.test(path) || !path.startsWith("."))
        ? { path, external: true }
        : undefined,
    );
  },
};

const mail = await build({
  ...common,
  entryPoints: { mail: "src/cli/main.ts" },
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  // Never loaded: sqlite/database.ts names the addon itself.
  external: ["bindings"],
  plugins: [mailOnly],
  define: { ...common.define, "import.meta.url": "ovUrl" },
  banner: { js: 'const ovUrl = require("node:url").pathToFileURL(__filename).href;' },
});

const code = mail.outputFiles[0].text;
const bundle = `mail-${hash(code)}.cjs`;
const loader = readFileSync("scripts/cached.cjs", "utf8").replace("{{bundle}}", bundle);
const files = new Map(modules.outputFiles.map(({ path, text }) => [path, text]));
files.set(join(dist, bundle), code).set(join(dist, "mail.cjs"), loader);

/** A program that runs meanwhile finds the old file or the new one, never half of one. */
for (const [path, text] of files) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}.part`, text);
  renameSync(`${path}.${process.pid}.part`, path);
}
warmUp();
for (const name of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(name.parentPath, name.name);
  const isOurs = files.has(path) || name.name.startsWith(bundle) || name.name.endsWith(".part");
  if (name.isFile() && !isOurs) rmSync(path, { force: true });
}

/** Each hot verb once, so that the code cache holds what they compile, and no more. */
function warmUp() {
  const cwd = mkdtempSync(join(tmpdir(), "ov-build-"));
  const run = (program, ...words) =>
    execFileSync(process.execPath, [join(dist, program), "mail", ...words], {
      cwd,
      env: { ...process.env, OV_BUILD: "1", OV_ROOT: cwd, OV_AGENT: "orchestrator" },
      stdio: ["ignore", "ignore", "inherit"],
    });
  const config = join(cwd, ".overture", "config.yaml");
  mkdirSync(join(cwd, ".overture", "tmp"), { recursive: true });
  writeFileSync(config, "project:\n  name: build\n");
  utimesSync(config, 0, 0);
  const letter = ["--subject", "s", "--body", "b"];
  try {
    // Leaves the config as hot verbs find it: checked before.
    run("main.mjs", "send", "--to", "orchestrator", "--from", "me", ...letter);
    run("mail.cjs", "check", "--inject", "--event", "Stop");
    run("mail.cjs", "send", "--to", "me", ...letter);
    run("mail.cjs", "check", "--agent", "me");
  } catch {
    console.warn("the build could not fill V8's code cache: is better-sqlite3 installed?");
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
