import { join } from "node:path";
import { isAlive } from "../adapters/alive.ts";
import {
  askForKick,
  findProject,
  markers,
  type Project,
  readText,
  takeKick,
} from "../adapters/project.ts";
import { randomBytes } from "../adapters/random.ts";
import { openStore } from "../adapters/sqlite/store.ts";
import type { FileWatch } from "../adapters/watch.ts";
import type { Session } from "../domain/agent.ts";
import type { Config } from "../domain/config.ts";
import { unknownWord } from "../domain/errors.ts";
import { newId } from "../domain/message.ts";
import { checkSpeaker, ORCHESTRATOR, SYSTEM } from "../domain/name.ts";
import { fill } from "../domain/prompt.ts";
import type { Repo } from "../ports/repo.ts";
import type { HookDialect, Runtime, TranscriptHas } from "../ports/runtime.ts";
import type { Store } from "../ports/store.ts";
import { type CarrierTools, carrierPid } from "../usecases/carry-team.ts";
import { DISPATCHER } from "../usecases/deliver-mail.ts";
import type { TeamTools } from "../usecases/observe-agent.ts";
import type { SpawnTools } from "../usecases/spawn-agent.ts";
import type { WakeTools } from "../usecases/wake-agent.ts";
import { type Output, output } from "./output.ts";

/** Every runtime; `home` is the installed package. */
const RUNTIMES: Record<string, (home: string) => Promise<Runtime>> = {
  claude: async () => (await import("../adapters/runtimes/claude.ts")).claude,
  codex: async () => (await import("../adapters/runtimes/codex.ts")).codex,
  scripted: async (home) =>
    (await import("../adapters/runtimes/scripted.ts")).scripted(join(home, "dist", "agent.mjs")),
};

/** The hook forms of each runtime that has hooks; each is loaded alone, for a hook must be quick. */
const HOOKS: Record<string, () => Promise<HookDialect>> = {
  claude: async () => (await import("../adapters/runtimes/claude-hooks.ts")).claudeHooks,
  codex: async () => (await import("../adapters/runtimes/codex-hooks.ts")).codexHooks,
  scripted: async () => (await import("../adapters/runtimes/claude-hooks.ts")).claudeHooks,
};

export const now = Date.now;
export const makeId = (prefix: string): string => newId(prefix, now(), randomBytes);
export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** The composition root: makes adapters on first use, so that a verb loads only what it needs. */
export interface Context {
  out: Output;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The same program in another folder. */
  at(root: string): Context;
  project: Project;
  store: Store;
  config(): Promise<Config>;
  repo(): Promise<Repo>;
  team(): Promise<TeamTools>;
  wake(): Promise<WakeTools>;
  /** A runtime's hook forms, without the rest of it. */
  hooks(runtime: string): Promise<HookDialect>;
  transcriptHas(): Promise<TranscriptHas>;
  /** Who sends or reads: the flag, else the environment, else `orchestrator`. */
  identity(flag: string | undefined): string;
  /** One watch a process, ended with the context. */
  watchStore(): Promise<FileWatch>;
  /** What the carrier needs; `over` resolves when it shall end. */
  carrier(over: Promise<void>): Promise<CarrierTools>;
  carrierPid(): number | undefined;
  /** Opens the carrier's window in the project's own tmux. */
  startCarrier(): Promise<void>;
  /**
   * Starts a dispatcher in the background unless one runs or no recipient is live. In an agent's
   * sandbox, where none could reach a pane, it asks the agent's next hook for it.
   */
  kick(recipients: readonly string[]): Promise<void>;
  /** As a hook, which runs outside of the sandbox: starts what was asked for in it. */
  answerKick(): Promise<void>;
  /** Makes `.overture` in the current folder's repository. */
  init(name: string | undefined, force: boolean): Promise<{ project: Project; isNew: boolean }>;
  /** A new repository for the demo; returns its root. */
  demoRepo(): Promise<string>;
  makeBranch(name: string): Promise<void>;
  templates: string;
  spawn(): Promise<SpawnTools>;
  rolePrompt(role: string, values: { agent: string; task: string; parent: string }): string;
  /** Runs a program on the person's terminal; resolves to its exit code. */
  interactive(argv: readonly string[]): Promise<number>;
  /** Path of the launcher. */
  bin: string;
  /** The shell command of our hook at an event. */
  hookCommand(event: string, runtime: string): string;
  close(): Promise<void>;
}

const here = () => ({ cwd: process.cwd(), env: process.env });

/** `home` is the installed package: `dist/`, `bin/` and `templates/` stand in it. */
export function makeContext(home: string, json: boolean, place = here()): Context {
  const { env } = place;
  let project: Project | undefined;
  let store: Store | undefined;
  let config: Config | undefined;
  let watch: FileWatch | undefined;
  const templates = join(home, "templates");
  const bin = join(home, "bin", "ov");
  const owner = `${process.pid}:${Buffer.from(randomBytes(4)).toString("hex")}`;
  /** A program with a door of its own is called here, before any other process has started. */
  const ring = async (sessions: readonly Session[]): Promise<boolean> => {
    const { ringAgent } = await import("../usecases/ring-agent.ts");
    const { launcher } = await import("../adapters/launch.ts");
    const names = new Set(sessions.map(({ runtime }) => runtime));
    const runtimes = await Promise.all([...names].map((name) => RUNTIMES[name]!(home)));
    const tools = {
      store: context.store,
      launcher: launcher(context.project.home),
      runtimes: new Map(runtimes.map((runtime) => [runtime.name, runtime])),
      env,
      now,
      newId: makeId,
      owner,
    };
    const called = await Promise.all(sessions.map((session) => ringAgent(tools, session)));
    return called.every(Boolean);
  };
  const context: Context = {
    out: output(json),
    env,
    cwd: place.cwd,
    at: (root) => makeContext(home, json, { cwd: root, env: { ...env, OV_ROOT: undefined } }),
    get project() {
      project ??= findProject(place.cwd, env.OV_ROOT ?? env.OVERSTORY_PROJECT_ROOT);
      return project;
    },
    get store() {
      const { home: files, database } = context.project;
      store ??= openStore(database, { now, marker: markers(files) });
      return store;
    },
    async config() {
      if (!config) {
        const { readConfig } = await import("../adapters/config-file.ts");
        config = readConfig(context.project.config);
      }
      return config;
    },
    async repo() {
      const { openRepo } = await import("../adapters/git.ts");
      return openRepo(context.project.root);
    },
    async team() {
      const [{ tmux }, { launcher }, runtimes] = await Promise.all([
        import("../adapters/tmux.ts"),
        import("../adapters/launch.ts"),
        Promise.all(Object.values(RUNTIMES).map((load) => load(home))),
      ]);
      return {
        store: context.store,
        terminal: tmux(join(templates, "tmux.conf")),
        launcher: launcher(context.project.home),
        transcriptHas: await context.transcriptHas(),
        runtimes: new Map(runtimes.map((runtime) => [runtime.name, runtime])),
        env,
        now,
      };
    },
    async wake() {
      const { delivery } = await context.config();
      return {
        ...(await context.team()),
        owner,
        isAlive,
        newId: makeId,
        pause,
        modeGraceMs: delivery.modeGraceSeconds * 1000,
        modeSince: new Map(),
        goalSince: new Map(),
        changed: async (ms) => (await context.watchStore()).changed(ms),
      };
    },
    async hooks(runtime) {
      const load = HOOKS[runtime];
      if (!load) throw unknownWord("runtime with hooks", runtime, Object.keys(HOOKS));
      return load();
    },
    async transcriptHas() {
      return (await import("../adapters/runtimes/transcript.ts")).transcriptHas;
    },
    identity: (flag) =>
      checkSpeaker(flag ?? (env.OV_AGENT || env.OVERSTORY_AGENT_NAME || ORCHESTRATOR)),
    async watchStore() {
      const { watchFile } = await import("../adapters/watch.ts");
      watch ??= watchFile(`${context.project.database}-wal`);
      return watch;
    },
    async carrier(over) {
      const { notify } = await context.config();
      const { runNotifier } = await import("../adapters/notify.ts");
      let isOver = false;
      void over.then(() => {
        isOver = true;
      });
      const wake = await context.wake();
      return {
        ...wake,
        changed: (ms) => Promise.race([wake.changed(ms), over]),
        stopped: () => isOver,
        async notify(news) {
          if (notify.length === 0) return;
          const failure = await runNotifier(notify, { ...news, project: context.project.root });
          if (failure) context.store.events.add("notify.failed", { data: { failure } });
        },
      };
    },
    carrierPid() {
      const pid = carrierPid(context.store);
      return pid !== undefined && isAlive(pid) ? pid : undefined;
    },
    async startCarrier() {
      const { socket, terminal, launcher } = await context.spawn();
      const { root, home: folder } = context.project;
      const script = launcher.writeScript(join(folder, "carrier.sh"), [bin, "watch"]);
      await terminal.open({ socket, window: SYSTEM, cwd: root, script, mark: "carrier" });
    },
    async kick(recipients) {
      const live = recipients.flatMap((name) => context.store.sessions.liveOf(name) ?? []);
      if (live.length === 0) return;
      if (env.OV_CONFINED) return askForKick(context.project.home);
      const rung = await ring(live);
      const holder = context.store.leases.holder(DISPATCHER);
      if (holder && isAlive(Number.parseInt(holder.owner, 10))) return;
      if (holder) context.store.leases.release(DISPATCHER, holder.owner);
      const { spawnDetached } = await import("../adapters/process.ts");
      const command = [process.execPath, join(home, "dist", "main.mjs"), "deliver", "--quiet"];
      // Whoever was called needs the machine now; its proof comes later.
      const start = rung ? ["sh", "-c", 'sleep 0.4; exec "$0" "$@"', ...command] : command;
      await spawnDetached(start[0]!, start.slice(1), {
        cwd: context.project.root,
        env: { ...env, OV_ROOT: context.project.root },
        logFile: join(context.project.home, "deliver.log"),
      });
    },
    async answerKick() {
      if (!takeKick(context.project.home)) return;
      await context.kick(context.store.sessions.live().map(({ agent }) => agent));
    },
    async init(name, force) {
      const { initProject } = await import("../adapters/project.ts");
      const made = initProject(place.cwd, name, force);
      project = made;
      await context.config();
      void context.store;
      return { project, isNew: made.isNew };
    },
    templates,
    async demoRepo() {
      const { makeDemoRepo } = await import("../adapters/demo-repo.ts");
      return makeDemoRepo(join(templates, "demo", "repo"));
    },
    async makeBranch(name) {
      const { makeBranch } = await import("../adapters/demo-repo.ts");
      await makeBranch(context.project.root, name);
    },
    async spawn() {
      const { agentEnv, socketName } = await import("./agent-env.ts");
      const { tmux: settings, project: named } = await context.config();
      const { root, worktrees } = context.project;
      return {
        ...(await context.team()),
        repo: await context.repo(),
        owner,
        newId: makeId,
        worktrees,
        home: context.project.home,
        socket: settings?.socket ?? socketName(named.name, root),
        agentEnv: (place) => agentEnv({ ...place, root, bin, env }),
        hookCommand: context.hookCommand,
      };
    },
    rolePrompt(role, values) {
      const all = { ...values, role, branch: `ov/${values.agent}/${values.task}` };
      const read = (name: string) =>
        readText(join(context.project.home, "roles", `${name}.md`)) ??
        readText(join(templates, "roles", `${name}.md`)) ??
        readText(join(templates, "roles", "default.md")) ??
        "";
      return fill(read(role), all, read);
    },
    async interactive(argv) {
      const { interactive } = await import("../adapters/interactive.ts");
      return interactive(argv, { ...env, TMUX: undefined, TMUX_PANE: undefined });
    },
    bin,
    hookCommand: (event, runtime) =>
      `'${bin.replaceAll("'", "'\\''")}' mail check --inject --event ${event}${
        HOOKS[runtime] === HOOKS.claude ? "" : ` --runtime ${runtime}`
      }`,
    async close() {
      await watch?.close();
      store?.close();
    },
  };
  return context;
}
