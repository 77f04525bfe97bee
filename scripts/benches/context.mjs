import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeProject, OV, rows, run } from "./room.mjs";

const SPEC = "Build the login form; tests in test/login.";
const BODY = "The form moved to src/forms.";
/** More than tokenizers make of our prompts: docs/speed.md. */
const tokens = (text) => Math.ceil(text.length / 3);
const TARGET = 900;

/** What a builder's model reads that is ours: at its start, and with each letter. */
export async function context() {
  const cwd = makeProject("context");
  const spec = join(cwd, "login.md");
  writeFileSync(spec, SPEC);
  const flags = [
    "--capability",
    "builder",
    "--parent",
    "lead-1",
    "--files",
    "src/login,test/login",
  ];
  run(OV, ["sling", "login-form", "--spec", spec, "--runtime", "scripted", ...flags], { cwd });
  const file = join(cwd, ".overture", "agents", "builder-1", "1", "home", "requests.jsonl");
  const [first] = await requests(file, 1);
  const ours = [first.system, ...first.new.map(({ text }) => text)].join("\n").replace(SPEC, "");
  const size = tokens(ours);
  const verdict = `≤ ${TARGET}, ${size <= TARGET ? "ok" : "over"}`;
  rows.push(["a builder's start", `≤ ${size} tokens`, `${ours.length} characters`, "", verdict]);

  const letter = ["--to", "builder-1", "--from", "lead-1", "--subject", "Moved", "--body", BODY];
  run(OV, ["mail", "send", ...letter, "--wake"], { cwd });
  const later = (await requests(file, 2)).slice(1).flatMap((request) => request.new);
  const around = later
    .map(({ text }) => text)
    .join("\n")
    .replace(BODY, "")
    .replace("Moved", "");
  const cells = [`≤ ${tokens(around)} tokens`, `${around.length} characters`, "", ""];
  rows.push(["around a letter", ...cells]);
  run(OV, ["stop", "builder-1"], { cwd });
}

async function requests(file, count) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
    if (lines.length >= count) return lines.map((line) => JSON.parse(line));
    if (Date.now() > deadline) throw new Error(`${lines.length} requests in ${file}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
