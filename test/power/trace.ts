import { readFileSync } from "node:fs";

/** What a process did to a file, in the order in which the kernel was done with it. */
export type Step =
  | { kind: "write"; path: string; at: number; bytes: Uint8Array }
  | { kind: "truncate"; path: string; size: number }
  | { kind: "remove"; path: string }
  /** Everything that was written to it before `since` (an index of steps) is on the disk now. */
  | { kind: "sync"; path: string; since: number };

const CALLS = "pwrite64,write,ftruncate,fsync,fdatasync,unlink,unlinkat";

/** The words that run a command under strace (6.1), which writes all that we read to `log`. */
export const traced = (log: string): string[] => [
  "strace",
  ...["-f", "-qq", "-y", "-xx", "-s", "1000000", "--seccomp-bpf"],
  ...["-e", `trace=${CALLS}`, "-e", "signal=none", "-o", log],
];

const decode = (hex: string): Uint8Array => Buffer.from(hex.replaceAll("\\x", ""), "hex");
const text = (hex: string): string => Buffer.from(decode(hex)).toString();

const FD = String.raw`\d+<((?:\\x[0-9a-f]{2})*)(?:\(deleted\))?>`;
const FORMS: [RegExp, (found: RegExpExecArray, began: number) => Step][] = [
  [
    new RegExp(String.raw`^pwrite64\(${FD}, "([^"]*)", \d+, (\d+)`),
    ([, path, bytes, at]) => {
      return { kind: "write", path: text(path!), bytes: decode(bytes!), at: Number(at) };
    },
  ],
  [
    new RegExp(String.raw`^write\(${FD}, "([^"]*)"`),
    ([, path, bytes]) => ({ kind: "write", path: text(path!), bytes: decode(bytes!), at: -1 }),
  ],
  [
    new RegExp(String.raw`^ftruncate\(${FD}, (\d+)`),
    ([, path, size]) => ({ kind: "truncate", path: text(path!), size: Number(size) }),
  ],
  [
    new RegExp(String.raw`^f(?:data)?sync\(${FD}`),
    ([, path], began) => ({ kind: "sync", path: text(path!), since: began }),
  ],
  [/^unlink(?:at)?\((?:[^,"]+, )?"([^"]*)"/, ([, path]) => ({ kind: "remove", path: text(path!) })],
];

/** Reads a log of strace; only what succeeded counts. `at: -1`: an append. */
export function readTrace(log: string): Step[] {
  const steps: Step[] = [];
  /** Calls that have begun, by process: their words, and how many steps were done by then. */
  const open = new Map<string, { words: string; began: number }>();
  for (const line of readFileSync(log, "utf8").split("\n")) {
    const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) continue;
    if (rest.endsWith("<unfinished ...>")) {
      open.set(pid, { words: rest, began: steps.length });
      continue;
    }
    const isResumed = rest.startsWith("<... ");
    const call = isResumed ? open.get(pid) : { words: rest, began: steps.length };
    if (call === undefined || !/ = \d+$/.test(rest)) continue;
    for (const [form, make] of FORMS) {
      const found = form.exec(call.words);
      if (found) steps.push(make(found, call.began));
    }
  }
  return steps;
}
