// Runs the bundle from the form in which V8 compiled it before (see docs/speed.md). Built into
// dist/mail.cjs. V8 knows a stale cache by the length of its source only: the bundle's name holds
// a hash of its content. Another Node finds no cache of its own and writes one.
const fs = require("node:fs");
const { constants, Script } = require("node:vm");

/* {{check}} */
const { readFileSync, renameSync, writeFileSync } = fs;

const file = `${__dirname}/{{bundle}}`;
// One for each hot verb: what the others need would slow it down.
const verb = ["send", "check"].includes(process.argv[3]) ? process.argv[3] : "other";
const cache = `${file}.${verb}.${process.versions.v8}-${process.arch}`;

function readCache() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

/** Replaced whole: V8 does not check a torn cache. */
function writeCache() {
  try {
    const part = `${cache}.${process.pid}`;
    writeFileSync(part, script.createCachedData());
    renameSync(part, cache);
  } catch {
    // An installation that this user may not write to stays without a cache.
  }
}

// The bundle is ASCII.
const source = readFileSync(file, "latin1");
const cachedData = readCache();
const script = new Script(`(function(require,__filename,__dirname){${source}\n})`, {
  filename: file,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
// The build collects what each hot verb compiles.
if (!cachedData || script.cachedDataRejected || process.env.OV_BUILD) {
  process.on("exit", writeCache);
}
script.runInThisContext()(require, file, __dirname);
