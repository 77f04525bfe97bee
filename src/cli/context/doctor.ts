import { readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isAlive } from "../../adapters/alive.ts";
import { projectFiles } from "../../adapters/doctor/files.ts";
import { readHookFile, sessionHooks, strayHooks } from "../../adapters/doctor/hook-files.ts";
import { tryHooks } from "../../adapters/doctor/hook-trial.ts";
import {
  keptNode,
  linesSince,
  oldHooks,
  overstoryFolder,
} from "../../adapters/doctor/old-hooks.ts";
import { oldProcesses } from "../../adapters/doctor/old-processes.ts";
import { ownPrograms, versionOf } from "../../adapters/doctor/programs.ts";
import { tryTmux } from "../../adapters/doctor/tmux-trial.ts";
import { listIfThere } from "../../adapters/files.ts";
import { findProgram } from "../../adapters/find-program.ts";
import { ownBranches } from "../../adapters/git/branches.ts";
import { HOOKS, RUNTIMES } from "../../adapters/runtimes/all.ts";
import { CHECKUPS, installLine } from "../../adapters/runtimes/checkups.ts";
import { backupsOf } from "../../adapters/sqlite/backups.ts";
import { sqliteVersion } from "../../adapters/sqlite/database.ts";
import { goBack, inspectStore } from "../../adapters/sqlite/inspect.ts";
import { ledger } from "../../adapters/sqlite/ledger.ts";
import { lostTeam } from "../../adapters/stray-team.ts";
import { pathOf } from "../../adapters/tmux-server.ts";
import { workersIn } from "../../adapters/workers.ts";
import type { Config } from "../../domain/config.ts";
import { AppError } from "../../domain/errors.ts";
import type { Ledger, StoreReport } from "../../ports/doctor.ts";
import type { DoctorTools } from "../../usecases/diagnose.ts";
import type {
  ConfigTools,
  MachineTools,
  ProjectTools,
  StoreTools,
  UsedRuntime,
} from "../../usecases/doctor/tools.ts";
import { socketName } from "../agent-env.ts";
import type { Context } from "../context.ts";
import { readFileOr } from "../files.ts";
import { hookTarget } from "../hook-file.ts";
import { replace } from "../settings-file.ts";
import { VERBS } from "../verbs.ts";
import { restoreStore } from "./backups.ts";
import { now } from "./clock.ts";

const DAY_MS = 86_400_000;

/** What is there to be looked at, and an end to it. */
export interface Practice extends DoctorTools {
  close(): void;
}

/** The first answer is kept: several checks read it. */
function once<T>(ask: () => T): () => T {
  let answer: { is: T } | undefined;
  return () => {
    answer ??= { is: ask() };
    return answer.is;
  };
}

/** The value, or why there is none. */
async function orError<T>(
  get: () => T | Promise<T>,
): Promise<[T, undefined] | [undefined, AppError]> {
  try {
    return [await get(), undefined];
  } catch (error) {
    if (error instanceof AppError) return [undefined, error];
    throw error;
  }
}

/**
 * Finds out what can be asked at all. A store that is not well is opened by nobody: it is looked
 * at through a connection that cannot write.
 */
export async function doctorTools(context: Context): Promise<Practice> {
  const [project, noProject] = await orError(() => context.project);
  const machine = machineTools(context, noProject);
  const practice: Practice = { machine, close: () => undefined };
  if (!project) return practice;
  const [config, badConfig] = await orError(() => context.config());
  let seen: StoreReport | undefined;
  const report = () => {
    seen ??= inspectStore(project.database);
    return seen;
  };
  const makeStore = () => {
    void context.store;
    seen = undefined;
  };
  const back = () => {
    const aside = goBack(project.database);
    seen = undefined;
    return aside;
  };
  const putBack = async () => {
    const said = await restoreStore(context);
    seen = undefined;
    return said;
  };
  practice.project = {
    ...projectTools(context, badConfig),
    ...{ report, makeStore, now },
    goBack: back,
    restore: putBack,
    backups: () => backupsIn(project.database),
  };
  // A store that will be replaced is opened by nobody here.
  const [state] = await orError(() => (report().ahead ? "broken" : report().state));
  let book: Ledger | undefined;
  if (state === "ok") {
    book = ledger(project.database, now);
    practice.store = await storeTools(context, config, book);
  }
  if (config) practice.config = await configTools(context, config, state === "ok");
  return { ...practice, close: () => book?.close() };
}

const socketOf = (config: Config, root: string) =>
  config.tmux?.socket ?? socketName(config.project.name, root);

function backupsIn(database: string) {
  const [newest, ...older] = backupsOf(database);
  return newest && { at: newest.at, count: 1 + older.length, folder: dirname(newest.path) };
}

const homeOf = ({ templates }: Context) => dirname(templates);

function machineTools(context: Context, noProject: AppError | undefined): MachineTools {
  const { engines } = JSON.parse(readFileSync(join(homeOf(context), "package.json"), "utf8"));
  return {
    node: { version: process.versions.node, wanted: engines.node },
    sqlite: sqliteVersion,
    programs: once(() => ownPrograms(context.env.PATH)),
    trial: once(async () => {
      const [config] = noProject ? [] : await orError(() => context.config());
      const socket = config && socketOf(config, context.project.root);
      return tryTmux(join(context.templates, "tmux.conf"), socket);
    }),
    noProject,
  };
}

function projectTools(
  context: Context,
  badConfig: AppError | undefined,
): Omit<ProjectTools, "report" | "makeStore" | "goBack" | "restore" | "backups" | "now"> {
  const { project, env, bin } = context;
  return {
    root: project.root,
    database: project.database,
    files: projectFiles(project, context.templates, env),
    badConfig,
    lostTeam: () => lostTeam(project.root),
    async hookFiles() {
      const files = await Promise.all(
        Object.keys(HOOKS).map(async (runtime) => {
          const command = (event: string) => context.hookCommand(event, runtime);
          return readHookFile(runtime, await context.hooks(runtime), project.root, command);
        }),
      );
      // The scripted agent has Claude Code's form and file.
      return files
        .filter((file) => file !== undefined)
        .filter(({ runtime }) => runtime !== "scripted");
    },
    async installHooks(runtime) {
      const { dialect, path, current } = await hookTarget(context, runtime);
      const text = dialect.install(current, (event) => context.hookCommand(event, runtime));
      const backup = replace(context, path, text);
      return `wrote our hooks into ${path}; the old file is ${backup}`;
    },
    strayHooks: () => strayHooks(project, env.HOME ?? homedir(), bin),
    oldHooks: () => {
      const { root, worktrees } = project;
      const agents = listIfThere(worktrees).map((name) => join(worktrees, name));
      return oldHooks([...new Set([root, ...agents, env.HOME ?? homedir()])]);
    },
    overstory() {
      const folder = overstoryFolder(project.root);
      const command = VERBS.some(({ name }) => name === "import") ? "ov import" : undefined;
      return folder === undefined ? undefined : { folder, command };
    },
    hookLog() {
      const path = join(project.home, "hooks.log");
      return { path, lines: linesSince(path, new Date(now() - DAY_MS).toISOString()) };
    },
    async removeHooks(named) {
      // The entries of all of them have one form.
      const { uninstall } = await context.hooks("claude");
      // A link to a file elsewhere stays a link.
      const path = realpathSync(named);
      return replace(context, path, uninstall(readFileOr(path) ?? "")) ?? "";
    },
  };
}

async function configTools(
  context: Context,
  config: Config,
  hasStore: boolean,
): Promise<ConfigTools> {
  const { env, project } = context;
  const home = homeOf(context);
  const agents = hasStore
    ? context.store.agents.list().flatMap(({ runtime }) => runtime ?? [])
    : [];
  const own = Object.entries(config.runtimes).filter(([, { type }]) => type === "generic");
  const known = [...Object.keys(RUNTIMES), ...own.map(([name]) => name)];
  const names = new Set([config.runtime, ...Object.keys(config.runtimes), ...agents]);
  const runtimes = [...names].map((name): UsedRuntime => {
    const command = config.runtimes[name]?.command ?? name;
    const npm = CHECKUPS[name]?.npm;
    const isOwn = own.some(([one]) => one === name);
    const kind = npm ? "npm" : isOwn ? "own" : RUNTIMES[name] ? "built in" : undefined;
    const install = installLine(name);
    const path = findProgram(command, env.PATH);
    return { name, kind, isDefault: name === config.runtime, command, path, install };
  });
  return {
    config,
    caller: env,
    files: projectFiles(project, context.templates, env),
    runtimes,
    known,
    versionOf: async ({ name, path }) => path && versionOf(path, CHECKUPS[name]!.npm),
    tried: (runtime) => triedVersions(join(home, "docs", "agents.md"), runtime),
    standing({ name: runtime }) {
      const checkup = CHECKUPS[runtime];
      if (!checkup) return undefined;
      const { found, looked } = checkup.login(env, project.root);
      const trusted = checkup.trusts(env, project.root);
      return { runtime, login: found, looked, trusted, how: checkup.how };
    },
    hooks: once(async () => {
      const used = runtimes.flatMap(({ name }) => (HOOKS[name] ? [name] : []));
      const cases = used.map(async (runtime) => {
        const dialect = await context.hooks(runtime);
        return dialect.events.map((event) => ({
          ...{ runtime, event, dialect },
          command: context.hookCommand(event, runtime),
        }));
      });
      return tryHooks((await Promise.all(cases)).flat(), keptNode(project.home));
    }),
    hasBranch: async (name) => (await (await context.repo()).tip(name)) !== undefined,
    find: (program) => findProgram(program, env.PATH),
  };
}

async function storeTools(
  context: Context,
  config: Config | undefined,
  book: Ledger,
): Promise<StoreTools> {
  const { project, store } = context;
  const live = store.sessions.live();
  const own = config && pathOf({ socket: socketOf(config, project.root) });
  const sockets = live.filter(({ adopted }) => !adopted).map(({ pane }) => pathOf(pane));
  return {
    repo: await context.repo(),
    store,
    config: config?.merge ?? {},
    workersIn,
    database: project.database,
    files: projectFiles(project, context.templates, context.env),
    declaredRoles: Object.keys(config?.roles ?? {}),
    ledger: book,
    team: once(() => context.team()),
    sockets: [...new Set([...(own ? [own] : []), ...sockets])],
    branches: (into) => ownBranches(project.root, into),
    oldProcesses() {
      const owners = book.leases().map(({ owner }) => Number.parseInt(owner, 10));
      return oldProcesses({ root: project.root, home: homeOf(context) }, owners);
    },
    sessionHooks: () => live.flatMap(({ agent, dir }) => sessionHooks(agent, dir, context.bin)),
    isAlive,
    now,
  };
}

/** The rows of docs/agents.md, written by scripts/agents. */
function triedVersions(page: string, runtime: string): string[] {
  const rows = (readFileOr(page) ?? "").split("\n").map((line) => line.split("|"));
  return rows
    .filter(([, name]) => name?.trim() === runtime)
    .map(([, , version]) => version!.trim());
}
