import { execFile } from "node:child_process";
import { OV, type Result, type TeamRoom } from "../team-room.ts";

export type Fields = Record<string, string | true>;

/** `{ to: "bo", wake: true }` as `--to bo --wake`. */
export const flags = (fields: Fields): string[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, value],
  );

const LETTER = { to: "orchestrator", from: "bo", subject: "s", body: "b" };

/** `ov mail send` with what is not given filled in. */
export const letter = (fields: Fields = {}): string[] => [
  ...["mail", "send"],
  ...flags({ ...LETTER, ...fields }),
];

/** Sends a letter and returns its id. */
export async function send(room: TeamRoom, fields: Fields = {}): Promise<string> {
  return (await room.json(...letter(fields))).id;
}

/** Runs a shell line in the project, with our `ov` first on PATH. */
export function sh(room: TeamRoom, line: string, env: object = {}): Promise<Result> {
  return new Promise((done) => {
    const path = `${OV.slice(0, -"/ov".length)}:${room.env.PATH}`;
    const options = { cwd: room.root, env: { ...room.env, PATH: path, ...env } };
    const child = execFile("sh", ["-c", line], options, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
    child.stdin?.on("error", () => undefined).end();
  });
}
