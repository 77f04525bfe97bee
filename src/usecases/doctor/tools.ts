import type { Config } from "../../domain/config.ts";
import type { AppError } from "../../domain/errors.ts";
import type { Category, Look, Problem } from "../../domain/finding.ts";
import type {
  HookFile,
  HookProgram,
  HookTrials,
  Ledger,
  OldHooks,
  OldProcess,
  OwnBranch,
  Programs,
  ProjectFiles,
  RuntimeStanding,
  StoreReport,
  TmuxTrial,
} from "../../ports/doctor.ts";
import type { WorktreeTools } from "../clean-worktrees.ts";
import type { TeamTools } from "../observe-agent.ts";

/** What can be asked on any machine, in any folder. */
export interface MachineTools {
  node: { version: string; wanted: string };
  /** The version of SQLite that was loaded; throws AppError where none can be. */
  sqlite(): string;
  programs(): Promise<Programs>;
  trial(): Promise<TmuxTrial>;
  /** Why there is no project here. */
  noProject: AppError | undefined;
}

export interface ProjectTools {
  root: string;
  database: string;
  files: ProjectFiles;
  report(): StoreReport;
  /** What to say of agents that live though the store is gone. */
  lostTeam(): AppError | undefined;
  /** Makes the store where there is none. */
  makeStore(): void;
  /** Puts the newest backup in the place of a store that is lost or broken; says what is lost. */
  restore(): Promise<string>;
  /** When the newest backup was made and how many there are; undefined: none is. */
  backups(): { at: number; count: number; folder: string } | undefined;
  now(): number;
  /** Puts the copy from before a newer Overture in the store's place; returns where that is now. */
  goBack(): string;
  /** What is wrong with the settings. */
  badConfig: AppError | undefined;
  hookFiles(): Promise<HookFile[]>;
  installHooks(runtime: string): Promise<string>;
  strayHooks(): HookProgram[];
  /** Hooks of Overstory, in the settings of the project, its worktrees and the home. */
  oldHooks(): OldHooks[];
  /** The folder of an Overstory project here, and the command that reads it, where there is one. */
  overstory(): { folder: string; command: string | undefined } | undefined;
  /** What hooks wrote down in the last day because no event could be stored. */
  hookLog(): { path: string; lines: string[] };
  /** Takes our entries out of a settings file; returns the path of its copy. */
  removeHooks(path: string): Promise<string>;
}

/** A runtime that the settings or an agent name. */
export interface UsedRuntime {
  name: string;
  /** Undefined: this Overture knows none of that name. */
  kind: "npm" | "own" | "built in" | undefined;
  /** What `ov sling` starts where nobody says which. */
  isDefault: boolean;
  command: string;
  path: string | undefined;
  /** What to type to get it. */
  install: string;
}

export interface ConfigTools {
  config: Config;
  /** The environment of whoever asks. */
  caller: Readonly<Record<string, string | undefined>>;
  files: ProjectFiles;
  runtimes: readonly UsedRuntime[];
  known: readonly string[];
  versionOf(runtime: UsedRuntime): Promise<string | undefined>;
  /** The versions on which the contract of the real agents was kept. */
  tried(runtime: string): readonly string[];
  standing(runtime: UsedRuntime): RuntimeStanding | undefined;
  hooks(): Promise<HookTrials>;
  hasBranch(name: string): Promise<boolean>;
  find(program: string): string | undefined;
}

export interface StoreTools extends WorktreeTools {
  database: string;
  files: ProjectFiles;
  /** Names under `roles` in the settings. */
  declaredRoles: readonly string[];
  ledger: Ledger;
  team(): Promise<TeamTools>;
  /** Servers on which panes of ours are. */
  sockets: readonly string[];
  branches(into: string): Promise<OwnBranch[]>;
  sessionHooks(): HookProgram[];
  /** Processes of other versions that work here. */
  oldProcesses(): Promise<OldProcess[]>;
  isAlive(pid: number): boolean;
  now(): number;
}

/** What a check needs to be asked at all. */
export interface Tools {
  machine: MachineTools;
  project: ProjectTools;
  config: ConfigTools;
  store: StoreTools;
}
export type Need = keyof Tools;

/** One check: what it looks at, and how its problems are taken away. */
interface Row<N extends Need> {
  id: string;
  needs: N;
  look(tools: Tools[N]): Look | Promise<Look>;
  /** For problems that are mendable. Returns what it did; throws AppError where it cannot. */
  fix?(tools: Tools[N], problem: Problem): string | Promise<string>;
}
export type Check = { [N in Need]: Row<N> }[Need];
export type Checks = Readonly<Record<Category, readonly Check[]>>;
