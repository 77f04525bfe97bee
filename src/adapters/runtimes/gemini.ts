import { existsSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Session } from "../../domain/agent.ts";
import type { Runtime } from "../../ports/runtime.ts";
import { homeOf } from "./gemini-home.ts";
import { geminiHooks, geminiPath } from "./gemini-hooks.ts";
import { readGeminiScreen } from "./gemini-screen.ts";
import { newestSession, progressOf } from "./gemini-transcript.ts";

/** Of its conversation; "" where none is known. */
const fileOf = ({ transcript }: Session) => geminiPath(transcript ?? "") ?? transcript ?? "";

/** Gemini CLI. Facts measured on 0.61.0 in tmux 3.3a. */
export const gemini: Runtime = {
  name: "gemini",
  variables: ["GEMINI_*", "GOOGLE_*"],
  measured: "0.61.0",
  program: "gemini",
  startMs: 2_500,
  commands: ["node"],
  hooks: geminiHooks,
  // Enter within 40 ms of a paste is dropped; from 100 ms on it is not.
  settleMs: 150,
  typing: { lines: true, room: 8_000, token: /\[Pasted\s+Text:\s+\d+\s+lines\](?:\s+#\d+)?/ },
  launch(input) {
    const { firstPrompt, resume, command, args } = input;
    const program = command ?? "gemini";
    const past = resume === undefined ? [] : ["--resume", resume];
    // One word with its flag, for a prompt that begins with `-`.
    const prompt = firstPrompt === "" ? [] : [`--prompt-interactive=${firstPrompt}`];
    return {
      // Without an id of ours: it starts itself again after trust was given, and then the id is taken.
      argv: [basename(program), ...past, ...args, ...prompt],
      path: program.includes("/") ? [dirname(program)] : [],
      ...homeOf(input),
    };
  },
  /** It finds a project's conversations by the mark in their folder, whatever the home (0.61.0). */
  resumes: (session) => existsSync(fileOf(session)),
  // A copy of the conversation, in which nothing that changes anything is allowed (0.61.0).
  question: (session, text, { command, args }) => ({
    argv: [
      ...[command ?? "gemini", "--session-file", fileOf(session)],
      ...["--approval-mode", "plan", ...args, `--prompt=${text}`],
    ],
    env: {},
  }),
  interrupt: {
    presses: 1,
    shows: /Request cancelled/,
    note: "Gemini CLI takes back the whole turn where an answer after a tool was cut: what it did in it is not in its conversation any more, and its messages are given again",
  },
  ownCommands: { "/compress": /compressed/i },
  isProgram: ([, script = ""]) => /(^|\/)gemini(\.js)?$/.test(script),
  read: readGeminiScreen,
  /** It writes no state down. A `/clear` begins another session, whose id the next hook tells. */
  facts(session) {
    const known = session.runtimeSession === null ? newestSession(session) : undefined;
    const transcript = known?.transcript ?? session.transcript ?? undefined;
    const progress = transcript === undefined ? undefined : progressOf(transcript);
    return {
      facts: progress ? [progress] : [],
      runtimeSession: known?.id,
      transcript: known?.transcript,
    };
  },
};
