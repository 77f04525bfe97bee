import { AppError } from "../domain/errors.ts";
import { shellWord } from "../domain/text.ts";

/** Verbs of ours that others call by another name, where both do the same and change nothing. */
export const ALIASES: Readonly<Record<string, string>> = { ls: "status", ps: "status" };

type Lead = (words: readonly string[]) => string;

const plain =
  (verb: string): Lead =>
  (words) =>
    [`ov ${verb}`, ...words.map(shellWord)].join(" ");

/** `send bo hello there`: to whom, and what. */
const send: Lead = ([to, ...words]) =>
  `ov mail send --to ${to && !to.startsWith("-") ? shellWord(to) : "<agent>"} --subject ${
    words.length > 0 && !words[0]!.startsWith("-") ? shellWord(words.join(" ")) : "<subject>"
  }`;

const withId =
  (verb: string, what: string): Lead =>
  (words) =>
    words.length > 0 ? plain(verb)(words) : `ov ${verb} ${what}`;

const start: Lead = ([task]) =>
  `ov sling ${task && !task.startsWith("-") ? shellWord(task) : "<task-id>"} (an agent), or: ov up (the carrier)`;

/** Words that people try first, and the command that does what they mean. */
const LEADS: Readonly<Record<string, Lead>> = {
  list: plain("status"),
  top: plain("status"),
  inbox: () => "ov mail list --unread (look), or: ov mail check (read what is new)",
  send,
  msg: send,
  message: send,
  tell: send,
  reply: withId("mail reply", "<id>"),
  read: withId("mail read", "<id>"),
  ack: withId("mail ack", "<id>"),
  check: plain("mail check"),
  unread: () => "ov mail list --unread",
  start,
  spawn: start,
  new: start,
  launch: start,
  kill: withId("stop", "<agent>"),
  rm: withId("stop", "<agent>"),
  end: withId("stop", "<agent>"),
  quit: withId("stop", "<agent>"),
  restart: withId("resume", "<agent>"),
  log: plain("logs"),
  events: plain("feed"),
  history: plain("feed"),
  tail: () => "ov feed --follow (what happens), or: ov peek <agent> (its screen)",
  view: withId("peek", "<agent>"),
  show: withId("inspect", "<agent>"),
  note: withId("remember", "<text>"),
  approve: withId("answer", "<agent>"),
  esc: withId("interrupt", "<agent>"),
  cost: plain("costs"),
  worktrees: plain("worktree list"),
  groups: plain("group list"),
};

/** An error that names the command that was meant; undefined for a word that leads nowhere. */
export function leadOf([word = "", ...rest]: readonly string[]): AppError | undefined {
  if (!Object.hasOwn(LEADS, word)) return undefined;
  return new AppError("usage", `there is no verb "${word}"`, `type: ${LEADS[word]!(rest)}`);
}
