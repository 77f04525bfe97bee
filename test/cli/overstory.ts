/** A verb of Overstory's `ov` and the flags that scripts give it. */
export interface OverstoryVerb {
  verb: string;
  flags: readonly string[];
  /**
   * Calls that must succeed in a project of one scripted agent, `bo`, each flag in one of them.
   * `$ID` is a letter from `bo` to `orchestrator`.
   */
  calls: readonly string[];
}

/** In an order in which they run one after the other. */
export const OVERSTORY: readonly OverstoryVerb[] = [
  {
    verb: "init",
    flags: ["--yes", "--name", "--force", "--json"],
    calls: ["init --yes --name project --force --json", "init"],
  },
  {
    verb: "spec write",
    flags: ["--body", "--agent"],
    calls: [
      "spec write t-1 --body text --agent lead-1",
      "spec write t-1 text --agent lead-1 --body text",
    ],
  },
  {
    verb: "sling",
    flags: [
      "--capability",
      "--name",
      "--spec",
      "--files",
      "--parent",
      "--depth",
      "--runtime",
      "--base-branch",
      "--skip-task-check",
      "--max-agents",
      "--headless",
      "--no-headless",
      "--recover",
      "--siblings",
      "--skip-scout",
      "--skip-review",
      "--dispatch-max-agents",
      "--profile",
      "--json",
    ],
    calls: [
      "sling t-1 --capability builder --name bo --spec .overture/specs/t-1.md --files src/a,src/b --parent lead-1 --depth 0 --runtime scripted --base-branch main --skip-task-check --max-agents 9 --no-headless --json",
      "stop bo",
      "sling t-1 --name bo --runtime scripted --recover --headless",
      "sling --capability scout --depth 1 --files src/a --name cy --parent bo --spec .overstory/specs/t-1.md --task t-2",
      "sling t-3 --capability lead --depth 1 --dispatch-max-agents 3 --name le --siblings bo,cy --skip-scout --skip-review --profile x",
      "stop cy",
      "stop le",
    ],
  },
  {
    verb: "status",
    flags: ["--json"],
    calls: ["status --json", "status --project .", "status bo", "--json status"],
  },
  {
    verb: "nudge",
    flags: ["--from", "--force", "--json"],
    calls: [
      "nudge bo hello --from lead-1 --force --json",
      "nudge bo hello --from lead-1",
      "nudge bo",
    ],
  },
  {
    verb: "mail send",
    flags: [
      "--to",
      "--subject",
      "--body",
      "--from",
      "--agent",
      "--type",
      "--priority",
      "--payload",
      "--json",
    ],
    calls: [
      'mail send --to orchestrator --subject s --body b --from bo --type health_check --priority low --payload {"agentName":"bo","checkType":"liveness"} --json',
      "mail send --to orchestrator --subject s --agent bo",
      "mail send --body b --project . --subject s --to orchestrator --type status",
      "mail send --agent bo --body b --priority high --subject s --to operator --type status",
    ],
  },
  {
    verb: "mail list",
    flags: ["--from", "--to", "--agent", "--unread", "--type", "--limit", "--json"],
    calls: [
      "mail list --from bo --to orchestrator --agent bo --unread --type status --limit 5 --json",
      "mail list --from bo --project . --unread",
    ],
  },
  {
    verb: "mail check",
    flags: ["--agent", "--inject", "--debounce", "--json"],
    calls: [
      "mail check --agent bo --debounce 500 --json",
      "mail check --inject --agent orchestrator",
      "mail check --agent bo --debounce 500 --inject",
      "mail check --agent bo --project .",
    ],
  },
  {
    verb: "mail read",
    flags: ["--from", "--agent", "--json"],
    calls: [
      "mail read $ID --agent orchestrator --json",
      "mail read $ID --from bo",
      "mail read $ID --project .",
    ],
  },
  {
    verb: "mail reply",
    flags: ["--body", "--from", "--agent", "--json"],
    calls: [
      "mail reply $ID --body b --from bo --json",
      "mail reply $ID --agent orchestrator",
      'mail reply $ID --agent orchestrator --body b --payload {"taskId":"t-1"}',
      "mail reply $ID --body b --project .",
    ],
  },
  {
    verb: "mail purge",
    flags: ["--all", "--days", "--agent", "--json"],
    calls: ["mail purge --days 30 --agent bo --json", "mail purge --all"],
  },
  {
    verb: "group create",
    flags: [],
    calls: ["group create docs bo", "group create batch t-1 t-2 t-3"],
  },
  { verb: "group add", flags: [], calls: ["group add docs bo", "group add batch t-4 t-5"] },
  {
    verb: "group status",
    flags: [],
    calls: ["group status docs", "group status batch", "group status --project ."],
  },
  { verb: "group list", flags: [], calls: ["group list"] },
  { verb: "group remove", flags: [], calls: ["group remove docs bo"] },
  { verb: "agents discover", flags: [], calls: ["agents discover"] },
  {
    verb: "merge",
    flags: ["--branch", "--all", "--into", "--dry-run"],
    calls: [
      "merge --branch ov/bo/t-1 --into main --dry-run",
      "merge --branch ov/bo/t-1 --dry-run --json",
      "merge --dry-run",
      "merge --all",
    ],
  },
  {
    verb: "stop",
    flags: ["--force", "--clean-worktree", "--json"],
    calls: ["stop bo --force --clean-worktree --json"],
  },
  {
    verb: "prime",
    flags: ["--agent", "--compact", "--json"],
    calls: ["prime --agent bo --compact --json", "prime --agent bo", "prime"],
  },
  { verb: "inspect", flags: ["--json"], calls: ["inspect bo --json"] },
  { verb: "trace", flags: ["--json"], calls: ["trace --json", "trace bo --json"] },
  { verb: "feed", flags: ["--json"], calls: ["feed --json"] },
  { verb: "logs", flags: ["--json"], calls: ["logs --json"] },
  { verb: "costs", flags: ["--json"], calls: ["costs --json"] },
  { verb: "run list", flags: ["--json"], calls: ["run list --json"] },
  { verb: "run show", flags: ["--json"], calls: ["run show 1 --json"] },
  { verb: "run complete", flags: ["--json"], calls: ["run complete --json"] },
  { verb: "metrics", flags: ["--json"], calls: ["metrics --json"] },
  // Without --background it goes on until it is ended: test/cli/carrier.test.ts runs it.
  { verb: "watch", flags: ["--background"], calls: ["watch --background", "down"] },
  { verb: "worktree list", flags: [], calls: ["worktree list"] },
  { verb: "worktree clean", flags: [], calls: ["worktree clean", "worktree clean --completed"] },
  { verb: "hooks install", flags: [], calls: ["hooks install"] },
  { verb: "hooks status", flags: [], calls: ["hooks status"] },
  { verb: "hooks uninstall", flags: [], calls: ["hooks uninstall"] },
  {
    verb: "doctor",
    flags: ["--category", "--fix", "--json"],
    calls: ["doctor --category config --fix", "doctor --json"],
  },
];

/** Verbs that are not built yet. Who builds one takes it out here and gives it a row above. */
export const NOT_YET: readonly string[] = [
  "clean",
  "coordinator start",
  "dashboard",
  "serve",
  "supervisor start",
  "completions bash",
  "completions zsh",
  "completions fish",
  "import",
];
