// The hooks of Overture in OpenCode (measured on 1.18.33). `ov sling` names this file and its
// options in OPENCODE_CONFIG_CONTENT; nothing of the person's is written. Options: `dir` the
// session's folder, `bell` the waiter's script, `hooks` a shell command for each event, `access`,
// and where an old conversation goes on `resume`, its id and first prompt.
// Nothing here may break or hold up the agent: every call ends after 5 s, and none throws.
import { spawn } from "node:child_process";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const LIMIT_MS = 5_000;
const PROGRESS_MS = 5_000;
const PARENT_MS = 1_000;
const ASK_MS = 1_000;
const ORPHAN_MS = 10_000;
/** What a reader runs without asking. A redirection or an output file makes it ask again. */
const READING = {
  ...Object.fromEntries(
    ["blame", "diff", "log", "ls-files", "show", "status"].map((verb) => [
      `git ${verb} *`,
      "allow",
    ]),
  ),
  "git *>*": "ask",
  "git *--output*": "ask",
};

function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** Resolves to what the program printed, "" when it failed, and within 5 s. */
function run(argv, input) {
  return new Promise((done) => {
    const chunks = [];
    const stdio = ["pipe", "pipe", "ignore"];
    const child = spawn(argv[0], argv.slice(1), { stdio, detached: true });
    const end = () => {
      clearTimeout(timer);
      done(Buffer.concat(chunks).toString("utf8"));
    };
    const timer = setTimeout(() => {
      killGroup(child.pid);
      end();
    }, LIMIT_MS);
    child.on("error", end).on("close", end);
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stdin.on("error", () => undefined).end(input);
  });
}

/** A part's id that sorts right behind this one: `prt_` and 12 hex digits lead it. */
function nextId(id) {
  const [, time = "0", rest = ""] = /^prt_([0-9a-f]{12})(.*)$/.exec(id) ?? [];
  return `prt_${(BigInt(`0x${time}`) + 1n).toString(16).padStart(12, "0")}${rest}`;
}

/** `ask` for an action as a whole, or by pattern; the last pattern that fits decides. */
const patterns = (rule) => (typeof rule === "string" ? { "*": rule } : { ...rule });

/** `ov` needs no dialog; a reader edits nothing and asks before commands that may write. */
function permit(permission, access) {
  const rules = patterns(permission);
  let bash = patterns(rules.bash ?? rules["*"] ?? "allow");
  if (access === "read") {
    const star = bash["*"] ?? "allow";
    if (star === "allow") bash = { ...bash, "*": "ask", ...READING };
    rules.edit = "deny";
  }
  for (const command of ["ov", "ov *"]) {
    delete bash[command];
    bash[command] = "allow";
  }
  return { ...rules, bash };
}

export default async function overture({ client }, { dir, bell, hooks, access, resume }) {
  const data = process.env.XDG_DATA_HOME || join(homedir(), ".local", "share");
  const database = process.env.OPENCODE_DB || join(data, "opencode", "opencode.db");
  /** The conversation that a person leads; those of subagents are in `children`. */
  const main = { id: undefined, agent: undefined, model: undefined, variant: undefined };
  const children = new Set();
  const asked = new Map();
  const tools = new Map();
  let status = "starting";
  let statusAt = Date.now();
  let progressAt = 0;
  let aborted = false;
  let prompts = 0;
  let waiter;
  let isOver = false;

  const transcript = () =>
    main.id && existsSync(database) ? `opencode:${database}#${main.id}` : undefined;

  function save() {
    const waitingFor = [...asked.values()].at(-1);
    const state = {
      status: waitingFor === undefined ? status : "waiting",
      waitingFor,
      sessionId: main.id,
      transcript: transcript(),
      statusUpdatedAt: statusAt,
      tools: [...tools.values()],
      progressAt,
      pid: process.pid,
    };
    try {
      const path = join(dir, "state.json");
      writeFileSync(`${path}.part`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${path}.part`, path);
    } catch {
      // The folder is gone: nobody looks any more.
    }
  }
  function is(next) {
    if (next !== status) statusAt = Date.now();
    status = next;
    save();
  }

  const hook = (event) =>
    run(
      ["/bin/sh", "-c", hooks[event]],
      JSON.stringify({
        hook_event_name: event,
        session_id: main.id,
        transcript_path: transcript(),
      }),
    );

  /** A turn with this text, which the screen does not show as a person's. */
  async function give(text) {
    is("busy");
    try {
      const { agent, model, variant } = main;
      const parts = [{ type: "text", text, synthetic: true }];
      const body = { agent, model, variant, parts };
      const { error } = await client.session.promptAsync({ path: { id: main.id }, body });
      if (error) is("idle");
    } catch {
      is("idle");
    }
  }

  /** OpenCode itself does not submit a `--prompt` beside `--session`. */
  function goOn() {
    const parts = [{ type: "text", text: resume.prompt }];
    const call = { path: { id: resume.session }, body: { parts } };
    client.session.promptAsync(call).catch(() => undefined);
  }

  /** The event that tells of a subagent's conversation may come after its first prompt. */
  async function isChild(id) {
    if (id === main.id) return false;
    if (children.has(id)) return true;
    const late = new Promise((done) => setTimeout(done, ASK_MS));
    const asked = client.session.get({ path: { id } }).catch(() => undefined);
    const parent = (await Promise.race([asked, late]))?.data?.parentID;
    if (parent) children.add(id);
    return Boolean(parent);
  }

  function over() {
    isOver = true;
    clearInterval(watch);
    waiter?.kill("SIGKILL");
  }

  /** Waits behind the bell; what it says becomes a turn, and the next waits at once. */
  function wait() {
    // One that waits behind a pipe which is gone would never be called again.
    if (waiter && !existsSync(join(dir, "bell")) && existsSync(join(dir, "waiter"))) {
      waiter.once("close", wait).kill("SIGKILL");
    }
    if (waiter || isOver || !main.id) return;
    const chunks = [];
    waiter = spawn("/bin/sh", [bell, dir], { stdio: ["ignore", "ignore", "pipe"] });
    waiter.stderr.on("data", (chunk) => chunks.push(chunk));
    waiter.on("error", () => {
      waiter = undefined;
    });
    waiter.on("close", (code) => {
      waiter = undefined;
      if (code !== 2) return;
      void give(Buffer.concat(chunks).toString("utf8"));
      wait();
    });
  }

  /** The turn's end; with mail it goes on. After an abort or an error nothing is said. */
  async function stop() {
    const before = prompts;
    const text = aborted ? "" : await hook("Stop");
    if (text !== "") await give(text);
    else if (before === prompts) is("idle");
    wait();
  }

  // OpenCode has been seen to outlive its pane at a full CPU; it gets time to end by itself.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    over();
    setTimeout(() => process.kill(process.pid, "SIGKILL"), ORPHAN_MS);
  }, PARENT_MS);
  save();
  if (resume) setTimeout(goOn, 0);

  const on = {
    "session.created": ({ sessionID, info }) => {
      if (info?.parentID) children.add(sessionID ?? info.id);
    },
    "session.status": ({ sessionID, status: now }) => {
      if (sessionID !== main.id || now.type === "idle") return;
      is("busy");
    },
    "session.error": ({ sessionID }) => {
      if (sessionID === main.id) aborted = true;
    },
    "session.idle": ({ sessionID }) => {
      if (sessionID !== main.id) return;
      tools.clear();
      void stop();
    },
    "permission.asked": ({ id, permission }) => asked.set(id, `permission: ${permission}`),
    "permission.replied": ({ requestID, permissionID }) => asked.delete(requestID ?? permissionID),
    "question.asked": ({ id }) => asked.set(id, "a question"),
    "question.replied": ({ requestID }) => asked.delete(requestID),
    "question.rejected": ({ requestID }) => asked.delete(requestID),
    "message.part.updated": ({ part }) => {
      if (part.sessionID !== main.id) return;
      const before = tools.size;
      if (part.state?.status === "running") tools.set(part.callID, part.tool);
      else tools.delete(part.callID);
      const isNews = tools.size !== before || Date.now() - progressAt > PROGRESS_MS;
      if (isNews) progressAt = Date.now();
      return isNews;
    },
  };

  return {
    dispose: async () => over(),
    config: async (config) => {
      config.permission = permit(config.permission, access);
      for (const agent of Object.values(config.agent ?? {})) {
        if (agent?.permission) agent.permission = permit(agent.permission, access);
      }
    },
    event: async ({ event }) => {
      try {
        const handle = on[event.type];
        if (handle && handle(event.properties) !== false) save();
      } catch {
        // A form that is not known: the screen still tells.
      }
    },
    "chat.message": async ({ sessionID }, { message, parts }) => {
      if (await isChild(sessionID)) return;
      const { providerID, modelID, variant } = message.model ?? {};
      const model = providerID && modelID ? { providerID, modelID } : undefined;
      Object.assign(main, { id: sessionID, agent: message.agent, model, variant });
      aborted = false;
      prompts++;
      is("busy");
      const text = await hook("UserPromptSubmit");
      const id = parts.at(-1)?.id;
      if (text === "" || id === undefined) return;
      const part = { type: "text", text, synthetic: true };
      parts.push({ id: nextId(id), messageID: message.id, sessionID, ...part });
    },
    "experimental.session.compacting": async ({ sessionID }) => {
      if (sessionID === main.id) await hook("PreCompact");
    },
    "tool.execute.after": async ({ sessionID }, output) => {
      // Tools of MCP servers answer in parts, and long ones are cut after this.
      if (sessionID !== main.id || typeof output.output !== "string") return;
      const text = await hook("PostToolUse");
      if (text !== "") output.output = `${output.output}\n\n${text}`;
    },
  };
}
