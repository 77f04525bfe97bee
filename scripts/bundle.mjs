// Bundles the command into a folder, one chunk a lazily loaded verb, and `mail` once more as one
// file that starts from V8's code cache: hooks and agents call it all day. docs/speed.md has the
// figures.
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
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";

/**
 * The licences of the packages whose code is inside the bundles: they ask that their text goes
 * along. A package is known by the files of it that esbuild has read.
 */
function licences(inputs) {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json")));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

/** What is called by its name: it is replaced once all that it loads is there. */
const isEntry = (path) => /\/(main\.mjs|mail\.cjs|agent\.mjs)$/.test(path);

const hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);
/**
 * Modules that no `mail` command runs, though what it runs names them: bin/ov calls the mail bundle
 * for no other verb, after no compaction, with no price or package.
 */
const COLD = new RegExp(
  [
    "^\\./commands/(?!mail)",
    "/(agent-env|agent-files|checkups|demo-repo|environment|find-program|foreground|git)\\.ts$",
    "/(init|installation|interactive|logs|mcp-settings|notify|past|prime-text|reach-agent|tmux|trust)\\.ts$",
    "/(version|generic)\\.ts$",
    "-usage\\.ts$",
    "^[^.]",
  ].join("|"),
);
const mailOnly = {
  name: "mail-only",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" && COLD.test(path) ? { path, external: true } : undefined,
    );
    // Commander could start a program for a subcommand; ours are none, and loading it costs 2 ms.
    onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      importer.includes("commander") ? { path, namespace: "none" } : undefined,
    );
    onLoad({ filter: /./, namespace: "none" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** A first file, with the check of the version of Node in it. */
function checked(path) {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
  const check = readFileSync("scripts/node-check.cjs", "utf8");
  const floor = engines.node.replace(/^>=/, "");
  return readFileSync(path, "utf8").replace("/* {{check}} */", () =>
    check.replaceAll("{{floor}}", floor),
  );
}

/** `plugins` are for esbuild; tests that change one expression of the product have one. */
export async function bundle(dist, plugins = []) {
  const common = {
    outdir: dist,
    bundle: true,
    platform: "node",
    target: "node22.22",
    minifySyntax: true,
    write: false,
    metafile: true,
    logLevel: "warning",
  };

  const modules = await build({
    ...common,
    plugins,
    entryPoints: { ov: "src/cli/main.ts", agent: "src/adapters/runtimes/scripted/agent.ts" },
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

  const mail = await build({
    ...common,
    entryPoints: { mail: "src/cli/main.ts" },
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    plugins: [mailOnly, ...plugins],
    define: {
      "import.meta.dirname": "__dirname",
      "import.meta.filename": "__filename",
    },
  });

  const code = mail.outputFiles[0].text;
  const bundle = `mail-${hash(code)}.cjs`;
  const files = new Map(modules.outputFiles.map(({ path, text }) => [path, text]));
  files.set(join(dist, "LICENCES.txt"), licences(Object.keys(modules.metafile.inputs)));
  files
    .set(join(dist, bundle), code)
    .set(join(dist, "mail.cjs"), checked("scripts/cached.cjs").replace("{{bundle}}", bundle))
    .set(join(dist, "main.mjs"), checked("scripts/start.mjs"));

  /** A program that runs meanwhile finds the old file or the new one, never half of one. */
  const entries = [...files].sort(([a], [b]) => Number(isEntry(a)) - Number(isEntry(b)));
  for (const [path, text] of entries) {
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}.part`, text);
    renameSync(`${path}.${process.pid}.part`, path);
  }
  warmUp(dist);
  for (const name of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(name.parentPath, name.name);
    const isOurs = files.has(path) || name.name.startsWith(bundle) || name.name.endsWith(".part");
    if (name.isFile() && !isOurs) rmSync(path, { force: true });
  }
}

/** Each hot verb once: a code cache holds what its verb compiles, and no more. */
function warmUp(dist) {
  const cwd = mkdtempSync(join(tmpdir(), "ov-build-"));
  const mail = (...words) =>
    execFileSync(process.execPath, [join(dist, "mail.cjs"), "mail", ...words], {
      cwd,
      env: { ...process.env, OV_BUILD: "1", OV_ROOT: cwd, OV_AGENT: "orchestrator" },
      stdio: ["ignore", "ignore", "inherit"],
    });
  mkdirSync(join(cwd, ".overture"));
  writeFileSync(join(cwd, ".overture", "config.yaml"), "project:\n  name: build\n");
  try {
    mail("send", "--to", "orchestrator", "--from", "me", "--subject", "s", "--body", "b");
    mail("check", "--inject", "--event", "Stop");
    mail("check");
  } catch {
    console.warn("the build could not fill V8's code cache: is better-sqlite3 installed?");
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
