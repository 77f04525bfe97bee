import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { OV, type TeamRoom } from "../team-room.ts";
import { traced } from "./trace.ts";

const LANES = 8;
const WORD = "an answer of ";

/** What `ov` had said by a moment: ids that were stored, and who has read which. */
export interface Answers {
  stored: string[];
  read: { recipient: string; id: string }[];
}

/** The store's files, and the file to which each answer is appended once its command has ended. */
export const placesOf = (room: TeamRoom) => {
  const store = join(room.root, ".overture", "overture.db");
  return { store, files: [store, `${store}-wal`], answers: join(room.base, "answers") };
};

/** A copy of this build in which commits do not wait for the disk; returns its `ov`. */
function unsyncedBuild(room: TeamRoom): string {
  const copy = join(room.base, "unsynced");
  for (const name of ["bin", "dist", "templates", "package.json"]) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
  let changed = 0;
  for (const name of readdirSync(join(copy, "dist"), { recursive: true, encoding: "utf8" })) {
    const path = join(copy, "dist", name);
    if (/\.cjs\./.test(name)) rmSync(path);
    else if (/\.[cm]js$/.test(name)) {
      const code = readFileSync(path, "utf8");
      const other = code.replaceAll("synchronous = FULL", "synchronous = NORMAL");
      if (other !== code) changed++;
      writeFileSync(path, other);
    }
  }
  if (changed === 0) throw new Error("this build commits without a sync");
  return join(copy, "bin", "ov");
}

/**
 * Eight senders and readers at once, each command a process, under strace. Another process has the
 * store open all the time, so that no command is the last one, which would sync it as it leaves.
 * Returns the path of the log.
 */
export async function storm(room: TeamRoom, rounds: number, isSynced: boolean): Promise<string> {
  const { store, answers } = placesOf(room);
  writeFileSync(answers, "");
  const script = join(room.base, "lane.sh");
  writeFileSync(script, LANE);
  const ov = isSynced ? OV : unsyncedBuild(room);
  const env = { ...room.env, OV: ov, ANSWERS: answers, ROUNDS: String(rounds) };
  const log = join(room.base, "strace.log");
  const open = new Database(store, { readonly: true });
  open.prepare("SELECT 1 FROM messages").get();
  try {
    const lanes = Array.from({ length: LANES }, (_, n) => `sh ${script} ${n} &`).join(" ");
    const [program, ...words] = [...traced(log), "sh", "-c", `${lanes} wait`];
    const child = spawn(program!, words, { cwd: room.root, env, stdio: "inherit" });
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`strace ended with ${code}`);
  } finally {
    open.close();
  }
  return log;
}

/** `$1`: which lane. Sends to the next one, then reads its own mail. */
const LANE = `
n=$1
i=0
while [ $i -lt $ROUNDS ]; do
  i=$((i + 1))
  out=$("$OV" mail send --to "r$(((n + i) % ${LANES}))" --subject s --body "$n $i" --json </dev/null) &&
    printf '${WORD}send %s\\n' "$out" >>"$ANSWERS"
  out=$("$OV" mail check --agent "r$n" --json </dev/null) &&
    printf '${WORD}r%s %s\\n' "$n" "$out" >>"$ANSWERS"
done
`;

/** Adds what one write to the file of answers says. */
export function hear(answers: Answers, bytes: Uint8Array): void {
  for (const line of Buffer.from(bytes).toString().split("\n").filter(Boolean)) {
    const [, who, json] = /^an answer of (\S+) (.*)$/.exec(line) ?? [];
    if (who === undefined) throw new Error(`no answer: ${line}`);
    const { id, messages } = JSON.parse(json!);
    if (who === "send") answers.stored.push(id);
    else for (const one of messages) answers.read.push({ recipient: who, id: one.id });
  }
}
