import { type Look, warns } from "../../domain/finding.ts";
import type { RuntimeStanding } from "../../ports/doctor.ts";
import type { Check, ConfigTools, UsedRuntime } from "./tools.ts";

export const agents: readonly Check[] = [
  { id: "logins", needs: "config", look: logins },
  { id: "trust", needs: "config", look: trust },
];

/** Those that are there: what is not installed has no login either. */
function standings({ runtimes, standing }: ConfigTools) {
  return runtimes.flatMap((runtime): { runtime: UsedRuntime; is: RuntimeStanding }[] => {
    const is = runtime.path === undefined ? undefined : standing(runtime);
    return is ? [{ runtime, is }] : [];
  });
}

function logins(tools: ConfigTools): Look {
  const all = standings(tools);
  const found = all.filter(({ is }) => typeof is.login === "string");
  const problems = all
    .filter(({ is }) => is.login === undefined)
    .map(({ runtime, is }) =>
      warns({
        what: `no login of ${runtime.name} was found: an agent would stop and ask for one`,
        evidence: `none of ${is.looked}`,
        fix: is.how,
      }),
    );
  return { said: found.map(({ is }) => `${is.runtime}: ${is.login}`).join(", "), problems };
}

/** A runtime that was not told to trust this folder asks before the first prompt. */
function trust(tools: ConfigTools): Look {
  const { config } = tools;
  const isAnswered = (name: string) => config.runtimes[name]?.answers.trust !== undefined;
  const asked = standings(tools).filter(
    ({ runtime, is }) => is.trusted === false && !isAnswered(runtime.name),
  );
  const problems = asked.map(({ runtime: { name, command } }) =>
    warns({
      what: `${name} was not told to trust this folder: an agent's first prompt would wait`,
      evidence: "its settings do not name this folder or one above it",
      fix: `start ${command} here once and answer, or set runtimes.${name}.answers.trust`,
    }),
  );
  return { said: "", problems };
}
