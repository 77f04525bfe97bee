import type { PastTools } from "../../usecases/past-sessions.ts";
import type { Context } from "../context.ts";

/** A model may think for long about a question. */
const QUESTION_MS = 300_000;

/** What asking an earlier session needs. */
export async function pastTools(context: Context): Promise<PastTools> {
  const { run } = await import("../../adapters/process.ts");
  const { programOf, ...team } = await context.succession();
  return {
    ...team,
    programOf,
    root: context.project.root,
    async runIn(cwd, { argv, env: more }) {
      // Hooks of ours must not take it for anybody: outside every project they are silent.
      const own = { OV_ROOT: "/nowhere", OV_AGENT: undefined, OV_SESSION: undefined };
      // OpenCode 1.18.33 listens for its answer in $PWD, and works in its folder.
      const options = { cwd, env: { ...own, PWD: cwd, ...more }, timeoutMs: QUESTION_MS };
      return (await run(argv[0]!, argv.slice(1), options)).stdout.trim();
    },
  };
}
