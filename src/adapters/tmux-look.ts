import { randomBytes } from "node:crypto";
import type { PaneRef } from "../domain/agent.ts";
import { AppError } from "../domain/errors.ts";
import type { Look } from "../ports/terminal.ts";
import type { RunResult } from "./process.ts";
import { format, LOOK_FIELDS, parseFrame, samePane } from "./tmux-facts.ts";
import { pathOf, unanswered } from "./tmux-server.ts";

type Call = (path: string, args: string[]) => Promise<RunResult>;

/** So many panes in one call: a command of more than 16 KB fails. */
const SURVEY = 32;

/** Looks at panes of any servers: no answer is told apart from the answer that a pane is gone. */
export function looker(call: Call) {
  /** A tmux that cannot be run, or is held up, is an answer that did not come. */
  const tried = async (path: string, args: string[]): Promise<RunResult> => {
    try {
      return await call(path, args);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { code: 1, stdout: "", stderr: error.message };
    }
  };

  /** Whether this pane's own server answers at its path. */
  const answers = async (ref: PaneRef): Promise<boolean> => {
    const { stdout } = await tried(pathOf(ref), ["display-message", "-p", "#{pid} #{start_time}"]);
    return stdout.trim() === `${ref.serverPid} ${ref.serverStart}`;
  };

  /** One question about many panes: a pane that is gone answers with its absence. */
  const survey = async (
    path: string,
    panes: readonly PaneRef[],
    looks: Map<PaneRef, Look>,
  ): Promise<void> => {
    // No pane can print this, so none can pretend to be another.
    const head = randomBytes(8).toString("hex");
    const show = `display-message -p -t {} '${head}\t${format(LOOK_FIELDS)}'`;
    // `if-shell` on a missing pane goes on with the chain, where a command would end it.
    const questions = panes.flatMap(({ pane }) => [
      ...[";", "if-shell", "-F", "-t", pane, "#{pane_id}"],
      `${show.replace("{}", pane)} ; capture-pane -p -e -t ${pane}`,
    ]);
    const who = ["display-message", "-p", `${head} #{pid} #{start_time}`];
    const { code, stdout, stderr } = await tried(path, [...who, ...questions]);
    const [first = "", ...found] = stdout.split(`${head}\t`);
    const frames = found.map(parseFrame);
    const hasAnswered = first.startsWith(`${head} `);
    for (const ref of panes) {
      const frame = frames.find((one) => samePane(ref, one));
      const isIts = first.trim() === `${head} ${ref.serverPid} ${ref.serverStart}`;
      if (frame) looks.set(ref, { frame });
      else if (isIts && code === 0) looks.set(ref, { gone: "pane" });
      else looks.set(ref, unanswered(ref, hasAnswered && !isIts ? undefined : stderr));
    }
  };

  return {
    tried,
    answers,
    async look(panes: readonly PaneRef[]): Promise<Look[]> {
      const looks = new Map<PaneRef, Look>();
      const paths = new Map(panes.map((pane) => [pane, pathOf(pane)]));
      for (const path of new Set(paths.values())) {
        const here = panes.filter((pane) => paths.get(pane) === path);
        for (let at = 0; at < here.length; at += SURVEY) {
          await survey(path, here.slice(at, at + SURVEY), looks);
        }
      }
      return panes.map((pane) => looks.get(pane)!);
    },
  };
}
