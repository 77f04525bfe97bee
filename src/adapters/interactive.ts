import { spawn } from "node:child_process";

/** Runs a program on the person's own terminal, to its end. Returns its exit code. */
export function interactive(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [file = "", ...args] = argv;
  return new Promise((done, failed) => {
    const child = spawn(file, args, { stdio: "inherit", env });
    child.once("error", failed);
    child.once("close", (code) => done(code ?? 1));
  });
}
