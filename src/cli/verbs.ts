import type { Command } from "commander";
import type { Context } from "./context.ts";

/** `next` is the word after the verb: a verb with many subcommands loads only the called one. */
export type Register = (
  command: Command,
  context: Context,
  next: string | undefined,
) => void | Promise<void>;

export interface Verb {
  name: string;
  description: string;
  hidden?: boolean;
  load: () => Promise<Register>;
}

/** Every verb, in the order of `ov --help`. */
export const VERBS: readonly Verb[] = [
  {
    name: "init",
    description: "make this repository an Overture project",
    load: async () => (await import("./commands/init.ts")).register,
  },
  {
    name: "demo",
    description: "run a team of scripted agents on a real repository, start to merge",
    load: async () => (await import("./commands/demo.ts")).register,
  },
  {
    name: "sling",
    description: "start an agent on a task: worktree, branch, pane, first prompt",
    load: async () => (await import("./commands/sling.ts")).register,
  },
  {
    name: "stop",
    description: "end an agent's session; its worktree and mail stay",
    load: async () => (await import("./commands/stop.ts")).register,
  },
  {
    name: "adopt",
    description: "make an agent of a program that you started in a pane",
    load: async () => (await import("./commands/adopt.ts")).register,
  },
  {
    name: "release",
    description: "undo adopt: the program goes on, and is no agent any more",
    load: async () => (await import("./commands/release.ts")).register,
  },
  {
    name: "status",
    description: "who is idle, busy or waiting, what is unread, held or unanswered",
    load: async () => (await import("./commands/status.ts")).register,
  },
  {
    name: "explain",
    description: "an agent's state, the evidence and its age, and why each letter waits",
    load: async () => (await import("./commands/explain.ts")).register,
  },
  {
    name: "peek",
    description: "print what an agent's pane shows now",
    load: async () => (await import("./commands/peek.ts")).register,
  },
  {
    name: "diff",
    description: "what an agent's branch and worktree changed, uncommitted included",
    load: async () => (await import("./commands/diff.ts")).register,
  },
  {
    name: "answer",
    description: "choose an option of the dialog that an agent waits at",
    load: async () => (await import("./commands/answer.ts")).register,
  },
  {
    name: "ask",
    description: "put a question to an agent and wait for its answer",
    load: async () => (await import("./commands/ask.ts")).register,
  },
  {
    name: "when",
    description: "wait until an agent is idle, waiting or done, or be told by one letter",
    load: async () => (await import("./commands/when.ts")).register,
  },
  {
    name: "attach",
    description: "open an agent's pane in this terminal",
    load: async () => (await import("./commands/attach.ts")).register,
  },
  {
    name: "nudge",
    description: "wake an idle agent, with a short letter if you like",
    load: async () => (await import("./commands/nudge.ts")).register,
  },
  {
    name: "interrupt",
    description: "end an agent's turn by Escape, and give it a message",
    load: async () => (await import("./commands/interrupt.ts")).register,
  },
  {
    name: "command",
    description: "type a command of an agent's own program, as /compact",
    load: async () => (await import("./commands/command.ts")).register,
  },
  {
    name: "mail",
    description: "send, read and search letters; receipts and dead letters",
    load: async () => (await import("./commands/mail/index.ts")).register,
  },
  {
    name: "group",
    description: "named groups of agents",
    load: async () => (await import("./commands/group.ts")).register,
  },
  {
    name: "agents",
    description: "the names that can get mail",
    load: async () => (await import("./commands/agents.ts")).register,
  },
  {
    name: "hooks",
    description: "our hooks in a runtime's settings: install, uninstall, status",
    load: async () => (await import("./commands/hooks.ts")).register,
  },
  {
    name: "worktree",
    description: "the agents' worktrees: list and clean",
    load: async () => (await import("./commands/worktree.ts")).register,
  },
  {
    name: "merge",
    description: "merge finished branches, tested, without touching your checkout",
    load: async () => (await import("./commands/merge.ts")).register,
  },
  {
    name: "trust",
    description: "show settings that came by git, and let them run",
    load: async () => (await import("./commands/trust.ts")).register,
  },
  {
    name: "spec",
    description: "write the specification file of a task",
    load: async () => (await import("./commands/spec.ts")).register,
  },
  {
    name: "checkpoint",
    description: "write down where an agent's work stands, for its next session",
    load: async () => (await import("./commands/checkpoint.ts")).register,
  },
  {
    name: "prime",
    description: "tell an agent who it is and where its work stood",
    load: async () => (await import("./commands/prime.ts")).register,
  },
  {
    name: "handoff",
    description: "give an agent a new session that goes on where this one stops",
    load: async () => (await import("./commands/handoff.ts")).register,
  },
  {
    name: "resume",
    description: "bring agents back whose session was lost, with their work",
    load: async () => (await import("./commands/resume.ts")).register,
  },
  {
    name: "past",
    description: "an agent's earlier sessions; ask one of them a question",
    load: async () => (await import("./commands/past.ts")).register,
  },
  {
    name: "remember",
    description: "keep a note for the whole team, or its next version",
    load: async () => (await import("./commands/memory/remember.ts")).register,
  },
  {
    name: "recall",
    description: "the notes that fit best, with their text",
    load: async () => (await import("./commands/memory/recall.ts")).register,
  },
  {
    name: "search",
    description: "find notes, one line each",
    load: async () => (await import("./commands/memory/search.ts")).register,
  },
  {
    name: "forget",
    description: "a note is not found any more; its history stays",
    load: async () => (await import("./commands/memory/forget.ts")).register,
  },
  {
    name: "rollback",
    description: "take notes back to a version or a time",
    load: async () => (await import("./commands/memory/rollback.ts")).register,
  },
  {
    name: "memory",
    description: "list notes, or show one with its history",
    load: async () => (await import("./commands/memory/index.ts")).register,
  },
  {
    name: "state",
    description: "small facts that the team shares: versions, merges, conflicts",
    load: async () => (await import("./commands/state/index.ts")).register,
  },
  {
    name: "mcp",
    description: "memory, mail and team as tools of any MCP client",
    load: async () => (await import("./commands/mcp.ts")).register,
  },
  {
    name: "feed",
    description: "what happens, newest at the end; --follow goes on",
    load: async () => (await import("./commands/events/feed.ts")).register,
  },
  {
    name: "logs",
    description: "the log of events, filtered",
    load: async () => (await import("./commands/events/logs.ts")).register,
  },
  {
    name: "log",
    description: "what hooks of Overstory call: records that a tool or session began or ended",
    hidden: true,
    load: async () => (await import("./commands/events/log.ts")).register,
  },
  {
    name: "trace",
    description: "what happened to an agent, a task or a letter",
    load: async () => (await import("./commands/events/trace.ts")).register,
  },
  {
    name: "replay",
    description: "all agents' events side by side, from the beginning",
    load: async () => (await import("./commands/events/replay.ts")).register,
  },
  {
    name: "errors",
    description: "what went wrong: dead letters, failed hooks, sessions that died",
    load: async () => (await import("./commands/events/errors.ts")).register,
  },
  {
    name: "inspect",
    description: "everything about one agent",
    load: async () => (await import("./commands/events/inspect.ts")).register,
  },
  {
    name: "costs",
    description: "tokens and money, by agent, task, run, runtime or model",
    load: async () => (await import("./commands/costs/index.ts")).register,
  },
  {
    name: "run",
    description: "what a team did from its start to its completion: list, show, complete",
    load: async () => (await import("./commands/costs/run.ts")).register,
  },
  {
    name: "metrics",
    description: "letters and their time to be seen, holds, sessions, crashes, merges",
    load: async () => (await import("./commands/costs/metrics.ts")).register,
  },
  {
    name: "up",
    description: "start the carrier, which delivers at once and watches the team",
    load: async () => (await import("./commands/up.ts")).register,
  },
  {
    name: "down",
    description: "end the carrier",
    load: async () => (await import("./commands/down.ts")).register,
  },
  {
    name: "watch",
    description: "the carrier in this terminal",
    load: async () => (await import("./commands/watch.ts")).register,
  },
  {
    name: "deliver",
    description: "wake idle agents that have mail; sends start this by themselves",
    load: async () => (await import("./commands/deliver.ts")).register,
  },
  {
    name: "doctor",
    description: "find what is wrong here, with the evidence, and fix what can be fixed",
    load: async () => (await import("./commands/doctor.ts")).register,
  },
  {
    name: "uninstall",
    description: "end what runs here and take every hook out; your work stays",
    load: async () => (await import("./commands/uninstall.ts")).register,
  },
];
