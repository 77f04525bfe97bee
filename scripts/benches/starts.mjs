import { join, resolve } from "node:path";
import { compare, makeProject, modules, NODE, OV, quoted, row, run } from "./room.mjs";
import { fiveUnread, withStore } from "./store.mjs";

/** What an agent's hooks and its own mail commands cost, beside a shell and a bare Node. */
export function starts(lib) {
  const cwd = makeProject("starts");
  const none = `${quoted([OV, "mail", "check", "--inject", "--event", "Stop", "--agent", "x"])}`;
  const [sh, hook, node] = compare(40, [
    { line: "sh -c :", times: 20, cwd },
    { line: none, times: 20, cwd },
    { line: quoted(NODE), times: 3, cwd },
  ]);
  row("hook without mail", "sh -c :", sh, hook, 3);
  row("hook without mail", "node -e 0", node, hook, 0.05);

  const input = JSON.stringify({ session_id: "bench", hook_event_name: "Stop" });
  const before = () => fiveUnread(lib, cwd);
  const inject = [OV, "mail", "check", "--inject", "--event", "Stop", "--agent", "reader"];
  const send = [
    OV,
    "mail",
    "send",
    "--to",
    "other",
    "--from",
    "x",
    "--subject",
    "s",
    "--body",
    "b",
  ];
  withStore(lib, cwd, (store) => store.agents.put({ name: "other", kind: "local", role: "lead" }));
  const [bare, injected, sent, version] = compare(40, [
    { argv: NODE, cwd },
    { argv: inject, cwd, input, before },
    { argv: send, cwd },
    { argv: [OV, "--version"], cwd },
  ]);
  row("hook with 5 unread", "node -e 0", bare, injected, 1.35);
  row("mail send", "node -e 0", bare, sent, 1.5);
  row("--version", "node -e 0", bare, version, 1.15);
}

/** The same command as files, as one bundle, and as one bundle with its code cache. */
export function bundling() {
  const cwd = makeProject("bundling");
  const plain = join(modules, "src");
  const flags = [
    "--noEmit",
    "false",
    "--noCheck",
    "--rewriteRelativeImportExtensions",
    "--outDir",
    plain,
  ];
  run(resolve("node_modules/.bin/tsc"), flags);
  const files = [
    join(plain, "src/cli/main.js"),
    resolve("dist/main.mjs"),
    resolve("dist/mail.cjs"),
  ];
  const argvs = files.map((file) => [process.execPath, file, "mail", "check"]);
  const all = compare(
    20,
    [NODE, ...argvs].map((argv) => ({ argv, cwd })),
  );
  const [bare, tsc, bundle, cached] = all;
  row("mail check as files (tsc)", "node -e 0", bare, tsc);
  row("mail check bundled", "node -e 0", bare, bundle);
  row("mail check bundled, code cache", "node -e 0", bare, cached);
}
