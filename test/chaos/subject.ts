import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/domain/agent.ts";
import type { TeamRoom } from "../team-room.ts";
import { HELD_MS } from "./hold-up.ts";
import { type Given, RequestLog } from "./requests.ts";
import { pause } from "./wait.ts";
import type { World } from "./world.ts";

export type Status = "starting" | "idle" | "busy" | "waiting" | "gone";

/** The program under the hazards: how it is started, and how one knows what its model was given. */
export interface Subject {
  /** As in `ov sling --runtime`. */
  runtime: string;
  command: string | undefined;
  args: string[];
  /** Its name in tmux. */
  program: string;
  /** Whether a process with these words is the program, and not what it has started. */
  isProgram(words: string): boolean;
  /** Called before each start. */
  begins(): void;
  /** Called for each session that has begun. */
  began(session: Session): void;
  /** Called when the program is about to be killed. */
  killed(): void;
  given(): Given[];
  /** When the model was first given this mark (Unix ms). */
  firstGiven(mark: string): number | undefined;
  /** What was given so far is of no interest any more. */
  forget(): void;
  status(world: World): Promise<Status>;
  /** What a person types for a prompt of a schedule, with a word of its own. */
  prompt(text: string, word: string): string;
  /** A file in the worktree that an answered dialog would make. */
  answered: string;
  /** Keys that empty the composer of this draft. */
  clear(draft: string): string[];
  /** What a person waits between the last letter of a prompt and Enter, in ms. */
  settleMs: number;
  /** The proof may be written so long before the model has the request, in ms. */
  proofLeadMs: number;
  /** Holds the program up for a while, where that can be done: it reads no key and draws nothing. */
  hang(pid: number): Promise<void>;
  close(): Promise<void>;
}

/** The scripted agent with the habits of a profile. */
export function scriptedSubject(profile: string): Subject {
  const log = new RequestLog();
  return {
    runtime: "scripted",
    command: undefined,
    args: ["--profile", profile],
    program: "ov-agent",
    isProgram: (words) => /agent\.mjs|^ov-agent/.test(words),
    begins: () => undefined,
    began: (session) => log.add(join(session.dir, "home", "requests.jsonl")),
    killed: () => undefined,
    given: () => log.read(),
    firstGiven: (mark) => log.read().find(({ text }) => text.includes(mark))?.at,
    forget: () => log.forget(),
    status: async (world) => statusOf(world),
    prompt: (text, word) => `${text} ${text.includes(": ") ? "# " : ""}${word}`,
    answered: "answered",
    clear: () => ["C-u"],
    settleMs: 0,
    proofLeadMs: 100,
    async hang(pid) {
      process.kill(pid, "SIGUSR2");
      await pause(HELD_MS);
    },
    close: async () => undefined,
  };
}

/** What the agent says of itself; `gone` without a living process. */
function statusOf({ live, tools }: World): Status {
  const process = live && tools.launcher.process(live);
  if (!live || !process?.alive) return process && process.pid === undefined ? "starting" : "gone";
  try {
    const path = join(live.dir, "home", "sessions", `${process.pid}.json`);
    return JSON.parse(readFileSync(path, "utf8")).status;
  } catch {
    return "starting"; // The file is not there yet, or is being replaced.
  }
}

/** Makes the subject in a room, before anything else of the room is used. */
export type Casting = (room: TeamRoom) => Promise<Subject>;
