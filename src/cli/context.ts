import { join } from "node:path";
import { isAlive } from "../adapters/alive.ts";
import { currentFolder, folderOf, type Project } from "../adapters/project.ts";
import { randomBytes } from "../adapters/random.ts";
import { knownRoles, rolePrompt } from "../adapters/roles.ts";
import { allRuntimes, HOOKS } from "../adapters/runtimes/all.ts";
import type { FileWatch } from "../adapters/watch.ts";
import { trailOf } from "../domain/caller.ts";
import type { Config } from "../domain/config.ts";
import { unknownWord } from "../domain/errors.ts";
import { checkRole } from "../domain/role.ts";
import type { Repo } from "../ports/repo.ts";
import type { HookDialect, McpServer, McpSettings, Proofs } from "../ports/runtime.ts";
import type { Store } from "../ports/store.ts";
import type { AdoptTools } from "../usecases/adopt-agent.ts";
import type { MergeTools } from "../usecases/merge-branch.ts";
import type { TeamTools } from "../usecases/observe-agent.ts";
import type { PastTools } from "../usecases/past-sessions.ts";
import type { CheckpointTools } from "../usecases/save-checkpoint.ts";
import type { SpawnTools } from "../usecases/spawn-agent.ts";
import type { SucceedTools } from "../usecases/succeed-session.ts";
import type { WakeTools } from "../usecases/wake-agent.ts";
import type { StartMode } from "./agent-env.ts";
import { type Asking, asking } from "./context/asking.ts";
import { every, makeId, now, pause } from "./context/clock.ts";
import { type Dispatch, dispatch } from "./context/dispatch.ts";
import { hookLine } from "./context/hook-line.ts";
import type { Made } from "./context/init.ts";
import { knownProject, openKnown, refuseReplaced } from "./context/lost.ts";
import type { Place } from "./context/place.ts";
import { explainer } from "./context/trouble.ts";
import { type Trusting, trusting } from "./context/trusting.ts";
import { elsewhere, type Globals } from "./globals.ts";
import { typedName } from "./on-path.ts";
import { type Output, output } from "./output.ts";

export { makeId, now, pause };

/** The composition root: makes adapters on first use, so that a verb loads only what it needs. */
export interface Context extends Dispatch, Asking, Trusting {
  out: Output;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The same program in another folder. */
  at(root: string): Context;
  /** The same program at the same place with nothing open: for a process that lives long. */
  fresh(): Context;
  project: Project;
  store: Store;
  config(): Promise<Config>;
  repo(): Promise<Repo>;
  merging(dryRun?: boolean): Promise<Omit<MergeTools, "send" | "waits" | "note">>;
  team(): Promise<TeamTools>;
  wake(): Promise<WakeTools>;
  /** A runtime's hook forms, without the rest of it. */
  hooks(runtime: string): Promise<HookDialect>;
  /** Where a runtime reads a project's MCP servers, and how ours is started. */
  mcp(runtime: string): Promise<{ settings: McpSettings; server: McpServer }>;
  proofs(): Promise<Proofs>;
  /** One watch a process, ended with the context. */
  watchStore(): Promise<FileWatch>;
  /** Makes `.overture` in the current folder's repository. */
  init(name: string | undefined, force: boolean): Promise<Made>;
  /** A new repository for the demo; returns its root. */
  demoRepo(): Promise<string>;
  makeBranch(name: string): Promise<void>;
  templates: string;
  checkpoint(): Promise<CheckpointTools>;
  spawn(mode?: StartMode): Promise<SpawnTools>;
  succession(mode?: StartMode): Promise<SucceedTools>;
  past(): Promise<PastTools>;
  adopt(): Promise<AdoptTools>;
  /** Throws `not_found` for a role that nobody knows, unless this agent has it already. */
  checkRole(role: string, agent: string | undefined): Promise<void>;
  rolePrompt(role: string, values: { agent: string; task: string; parent: string }): string;
  /** Runs a program on the person's terminal; resolves to its exit code. */
  interactive(argv: readonly string[]): Promise<number>;
  /** Path of the launcher. */
  bin: string;
  /** The shell command of our hook at an event. */
  hookCommand(event: string, runtime: string): string;
  close(): Promise<void>;
}

/** `home` is the installed package: `dist/`, `bin/` and `templates/` stand in it. */
export function makeContext(home: string, globals: Globals, place: Place = {}): Context {
  const { cwd = currentFolder(), env = process.env, isHook = false } = place;
  let project: Project | undefined;
  let store: Store | undefined;
  let anew = false;
  let config: Config | undefined;
  let watch: Promise<FileWatch> | undefined;
  const templates = join(home, "templates");
  const bin = join(home, "bin", "ov");
  const owner = `${process.pid}:${Buffer.from(randomBytes(4)).toString("hex")}`;
  const trouble = explainer(() => context.project.home);
  const context: Context = {
    out: output(globals, trouble, () => store && refuseReplaced(context.project, store)),
    env,
    cwd,
    at: (root) =>
      makeContext(home, elsewhere(globals), { cwd: root, env: { ...env, OV_ROOT: undefined } }),
    fresh: () => makeContext(home, globals, place),
    get project() {
      const root = globals.project ? undefined : (env.OV_ROOT ?? env.OVERSTORY_PROJECT_ROOT);
      project ??= knownProject(folderOf(cwd, globals.project), root);
      return project;
    },
    get store() {
      store ??= openKnown(context.project, anew, isHook, () => trailOf(context.asks()));
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
    ...trusting(() => context),
    async merging(dryRun) {
      if (!dryRun) await context.trusted();
      const [repo, { merge, worktree: setUp }] = [await context.repo(), await context.config()];
      const tools = { repo, store: context.store, now, owner, isAlive, pause, every };
      return { ...tools, config: merge, setUp, caller: env };
    },
    async team() {
      const [{ tmux }, { launcher }, runtimes] = await Promise.all([
        import("../adapters/tmux.ts"),
        import("../adapters/launch.ts"),
        allRuntimes(home, context.config, context.store.sessions.live()),
      ]);
      return {
        store: context.store,
        terminal: tmux(join(templates, "tmux.conf")),
        launcher: launcher(context.project.home),
        ...(await context.proofs()),
        runtimes,
        env,
        now,
        owner,
        isAlive,
      };
    },
    async wake() {
      const { delivery } = await context.config();
      return {
        ...(await context.team()),
        newId: makeId,
        pause,
        modeGraceMs: delivery.modeGraceSeconds * 1000,
        modeSince: new Map(),
        spoilt: new Map(),
        goalSince: new Map(),
        changed: async (ms) => (await context.watchStore()).changed(ms),
      };
    },
    async hooks(runtime) {
      const load = HOOKS[runtime];
      if (!load) throw unknownWord("runtime with hooks", runtime, Object.keys(HOOKS));
      return load();
    },
    async mcp(runtime) {
      const { MCP } = await import("../adapters/runtimes/mcp-settings.ts");
      const settings = MCP[runtime];
      if (!settings) throw unknownWord("runtime with MCP servers", runtime, Object.keys(MCP));
      return { settings, server: { command: typedName(env.PATH, bin), args: ["mcp"] } };
    },
    proofs: async () => (await import("../adapters/runtimes/proofs.ts")).proofs,
    ...asking(() => context, env),
    watchStore() {
      watch ??= import("../adapters/watch.ts").then(({ watchFile }) =>
        watchFile(`${context.project.database}-wal`, (why) =>
          context.out.warn(
            `ov: no file watch is left (${why}): looking five times a second instead`,
          ),
        ),
      );
      return watch;
    },
    ...dispatch(() => context, { home, owner }),
    async init(name, force) {
      anew = force;
      const { initHere } = await import("./context/init.ts");
      const folder = folderOf(cwd, globals.project ?? ".");
      return initHere(context, folder, { name, force }, (ready) => {
        project = ready;
      });
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
    async checkpoint() {
      const [{ agentFiles }, { lastWords }] = await Promise.all([
        import("../adapters/agent-files.ts"),
        import("../adapters/runtimes/transcript.ts"),
      ]);
      const files = agentFiles(context.project.home);
      return { store: context.store, repo: await context.repo(), now, files, lastWords };
    },
    async spawn(mode = "start") {
      await context.trusted(mode === "carrier");
      const [{ teamSocket }, { environmentOf }, { findProgram }, { installLine }] =
        await Promise.all([
          import("./agent-env.ts"),
          import("./context/environment.ts"),
          import("../adapters/find-program.ts"),
          import("../adapters/runtimes/checkups.ts"),
        ]);
      const config = await context.config();
      const { root, worktrees } = context.project;
      const team = await context.team();
      return {
        ...team,
        repo: await context.repo(),
        newId: makeId,
        worktrees,
        setUp: config.worktree,
        ...{ every, findProgram, installLine },
        home: context.project.home,
        tell: context.out.warn,
        socket: teamSocket(config, root, team),
        agentEnv: await environmentOf(context, mode),
        hookCommand: context.hookCommand,
        mcp: config.mcp
          ? (agent) => ({ command: bin, args: ["mcp"], env: { OV_AGENT: agent, OV_ROOT: root } })
          : undefined,
      };
    },
    async succession(mode = "again") {
      const { runtimes } = await context.config();
      return {
        ...(await context.spawn(mode)),
        ...(await context.checkpoint()),
        rolePrompt: context.trustedRole(mode),
        programOf: (name) => ({
          command: runtimes[name]?.command,
          args: runtimes[name]?.args ?? [],
        }),
      };
    },
    past: async () => (await import("./context/past.ts")).pastTools(context),
    async adopt() {
      await context.config();
      const { foreground } = await import("../adapters/foreground.ts");
      const { pid: self } = process;
      return { ...(await context.team()), newId: makeId, foreground, self };
    },
    async checkRole(role, agent) {
      if (agent !== undefined && context.store.agents.get(agent)?.role === role) return;
      const { roles } = await context.config();
      checkRole(role, knownRoles([context.project.home, templates], Object.keys(roles)));
    },
    rolePrompt: (role, values) => rolePrompt([context.project.home, templates], role, values),
    async interactive(argv) {
      const { interactive } = await import("../adapters/interactive.ts");
      return interactive(argv, { ...env, TMUX: undefined, TMUX_PANE: undefined });
    },
    bin,
    hookCommand: (event, runtime) => hookLine(bin, event, runtime),
    async close() {
      // Also one that is still being loaded: it would keep the process.
      await (await watch)?.close();
      store?.close();
    },
  };
  return context;
}
