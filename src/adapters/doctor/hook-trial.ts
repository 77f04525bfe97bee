import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../domain/errors.ts";
import { replyHead } from "../../domain/reply-line.ts";
import type { HookTrial, HookTrials } from "../../ports/doctor.ts";
import type { HookDialect } from "../../ports/runtime.ts";
import type { Store } from "../../ports/store.ts";
import { readIfThere } from "../files.ts";
import { type RunResult, run } from "../process.ts";
import { initProject, markers, type Project } from "../project.ts";
import { quote } from "../quote.ts";
import { openStore } from "../sqlite/store.ts";

/** What the runtimes give a hook. */
const LIMIT_MS = 5_000;
/** Above this a hook is tried once more, and the faster one counts: the machine may be busy. */
const SLOW_MS = 1_000;
const FIRST_WORDS = "Is this on?";

export interface HookCase {
  runtime: string;
  event: string;
  /** The shell command of the hook. */
  command: string;
  dialect: HookDialect;
}

/** Where programs are found by whom nobody gave a PATH: a desktop app, a service. */
const POOR_PATH = "/usr/bin:/bin";
/** What each process has. */
const ANY = /^(HOME|USER|LOGNAME|SHELL|LANG|TMPDIR)$/;

/**
 * Runs hooks as a runtime would: by `sh -c`, with the event on stdin, once with a letter waiting
 * and once with none. It is in a project of its own, so that no mail of the person is touched, and
 * without the PATH of whoever asks: a hook must find its Node by itself. `kept` is the Node that
 * the project remembers.
 */
export async function tryHooks(
  cases: readonly HookCase[],
  kept: string | undefined,
): Promise<HookTrials> {
  const room = realpathSync(mkdtempSync(join(tmpdir(), "ov-doctor-")));
  try {
    mkdirSync(join(room, ".git"));
    const project = initProject(room, "doctor", false);
    if (kept) writeFileSync(join(project.home, "node"), `${kept}\n${room}\n`, { mode: 0o600 });
    const store = openStore(project.database, { marker: markers(project.home) });
    try {
      return await tryAll(project, store, cases);
    } finally {
      store.close();
    }
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}

async function tryAll(
  project: Project,
  store: Store,
  cases: readonly HookCase[],
): Promise<HookTrials> {
  // A compaction is no time for mail.
  const bringing = cases.filter(({ event }) => event !== "PreCompact");
  const fire = (index: number, who: string, node?: string) =>
    shoot(project, bringing[index]!, { OV_AGENT: who, OV_NODE: node });
  /** What a hook wrote down instead of saying it. */
  const noted = () => {
    const last = readIfThere(join(project.home, "hooks.log"))?.trim().split("\n").at(-1);
    return last?.replace(/^\S+ [^:]*: /, "");
  };
  const trials: HookTrials = { loud: [], silent: [] };
  // One after the other: what they took together would be no measure of any.
  for (const [i, one] of bringing.entries()) {
    const bring = async () => {
      const id = post(store, `reader-${i}`);
      const { answer, ms } = await timed(() => fire(i, `reader-${i}`));
      return trial(one, wrongWith(one, answer, id, noted), ms);
    };
    trials.loud.push(await unlessBusy(bring));
    const spy = spyOnNode(join(project.root, `spy-${i}`));
    const silent = await timed(() => fire(i, `nobody-${i}`, spy.node));
    trials.silent.push(trial(one, quietly(silent.answer, spy.ran()), silent.ms));
  }
  return trials;
}

/** A hook that works, and was slow once, is slow only if it is so again. */
async function unlessBusy(bring: () => Promise<HookTrial>): Promise<HookTrial> {
  const first = await bring();
  if (first.wrong !== undefined || first.ms <= SLOW_MS) return first;
  const second = await bring();
  return second.ms < first.ms ? second : first;
}

async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; ms: number }> {
  const start = Date.now();
  return { answer: await work(), ms: Date.now() - start };
}

const trial = ({ runtime, event, command }: HookCase, wrong: string | undefined, ms: number) =>
  ({ runtime, event, command, wrong, ms }) satisfies HookTrial;

/** A letter, stored as a send stores it; returns its id. */
function post(store: Store, recipient: string): string {
  const draft = {
    sender: "doctor",
    address: recipient,
    type: "status" as const,
    subject: "A trial",
    body: FIRST_WORDS,
    payload: null,
    priority: "normal" as const,
    wake: false,
  };
  return store.mail.send(draft, [recipient], { perMinute: 0, perPair: 0 }).id;
}

function shoot(
  { root }: Project,
  { command }: HookCase,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RunResult | AppError> {
  return run("sh", ["-c", command], {
    cwd: root,
    inherit: ANY,
    env: { PATH: POOR_PATH, OV_ROOT: root, ...env },
    input: JSON.stringify({ session_id: "doctor", prompt: FIRST_WORDS }),
    timeoutMs: LIMIT_MS,
    okCodes: "any",
  }).catch((error) => {
    if (error instanceof AppError) return error;
    throw error;
  });
}

function wrongWith(
  { dialect, event }: HookCase,
  answer: RunResult | AppError,
  id: string,
  noted: () => string | undefined,
): string | undefined {
  if (answer instanceof AppError) return answer.message;
  const { code, stdout, stderr } = answer;
  if (code !== 0) return `exit code ${code}: ${(stderr || stdout).trim()}`;
  const said = stderr.trim() || noted();
  if (stdout === "") return `it printed nothing${said ? `, and said: ${said}` : ""}`;
  // As the runtime reads it, in JSON or plain.
  const text = dialect.say(event, "").startsWith("{") ? unwrap(stdout) : stdout;
  return text.includes(replyHead(id))
    ? undefined
    : `the letter is not in what it printed: ${stdout}`;
}

function unwrap(stdout: string): string {
  try {
    const { reason, hookSpecificOutput } = JSON.parse(stdout);
    return reason ?? hookSpecificOutput?.additionalContext ?? "";
  } catch (error) {
    if (error instanceof SyntaxError) return "";
    throw error;
  }
}

function quietly(answer: RunResult | AppError, hasRun: boolean): string | undefined {
  if (answer instanceof AppError) return answer.message;
  const { code, stdout, stderr } = answer;
  if (hasRun) return "it started Node, though no letter waits";
  if (stdout !== "") return `it printed: ${stdout}`;
  return code === 0 ? undefined : `exit code ${code}: ${stderr.trim()}`;
}

/** A Node that notes that somebody called it. */
function spyOnNode(folder: string): { node: string; ran: () => boolean } {
  const note = join(folder, "ran");
  const node = join(folder, "node");
  mkdirSync(folder);
  writeFileSync(node, `#!/bin/sh\n: >${quote(note)}\n`, { mode: 0o700 });
  return { node, ran: () => existsSync(note) };
}
