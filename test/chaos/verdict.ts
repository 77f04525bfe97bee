import { rmSync, statSync } from "node:fs";
import { parseLetters } from "../../src/adapters/runtimes/scripted/letters.ts";
import type { Person } from "./person.ts";
import type { Post } from "./post.ts";
import type { Given } from "./requests.ts";
import type { World } from "./world.ts";

export interface Verdict {
  letters: number;
  /** Letters in a call that was cut by a kill before anything was written down, and given again. */
  again: number;
  /** Acts that this machine cannot play. */
  left?: number;
  /** What a promise broke, each beginning with the promise's name; empty for a good run. */
  broken: string[];
  /** What happened, with times in ms; only of a bad run. */
  story?: string[];
}

/** The promises, as the table and `broken` name them. */
export const PROMISES = [
  ...["lost", "duplicated", "out of order", "dialog", "draft", "prompt", "mode", "shell"],
  ...["receipt", "forged", "control", "notice", "second program", "threw"],
] as const;

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Compares what was sent with what the model was given, and what the store says of it. */
export function judge(
  world: World,
  { sent, printed }: Post,
  person: Person,
  broken: string[],
): Verdict {
  const given = world.subject.given();
  const join = (texts: readonly Given[]) => texts.map(({ text }) => text).join("\n");
  const all = join(given.filter(({ isCut }) => !isCut));
  const cut = join(given.filter(({ isCut }) => isCut));
  const say = (promise: (typeof PROMISES)[number], what: string) =>
    broken.push(`${promise}: ${what}`);

  let again = 0;
  for (const { mark, id } of sent) {
    const aside = printed.filter((body) => body.includes(mark)).length;
    const times = all.split(mark).length - 1 + aside || Number(cut.includes(mark));
    if (cut.includes(mark) && all.includes(mark)) again++;
    const delivery = world.delivery(id!);
    if (times === 0) say("lost", `${mark} ${id} ${delivery?.state}`);
    if (times > 1) say("duplicated", `${mark} ${id} came ${times} times`);
    const isSeen = delivery?.state === "seen" || delivery?.state === "acked";
    if (times > 0 && !isSeen) say("receipt", `${mark} ${id} was given and is ${delivery?.state}`);
    const at = world.subject.firstGiven(mark) ?? Number.POSITIVE_INFINITY;
    if (
      isSeen &&
      times > 0 &&
      aside === 0 &&
      (delivery?.seenAt ?? 0) < at - world.subject.proofLeadMs
    ) {
      say(
        "receipt",
        `${mark} ${id} was seen ${at - (delivery?.seenAt ?? 0)} ms before it was given`,
      );
    }
    const body = world.store.mail.get(id!)?.message.body ?? "";
    if (CONTROL.test(body)) say("control", `${mark} is stored with ${CONTROL.exec(body)}`);
  }
  for (const sender of new Set(sent.map((letter) => letter.sender))) {
    const own = sent.filter((letter) => letter.sender === sender && !letter.urgent);
    const places = own.map(({ mark }) => all.indexOf(mark)).filter((at) => at >= 0);
    if (places.some((at, i) => i > 0 && at < places[i - 1]!)) {
      say("out of order", `of ${sender}: ${places}`);
    }
  }
  const letters = given
    .filter(({ source }) => source.startsWith("hook:"))
    .flatMap(({ text }) => parseLetters(text));
  for (const { id, from } of letters) {
    const message = world.store.mail.get(id)?.message;
    if (message?.sender !== from) say("forged", `${id} from ${from}`);
  }
  for (const { text, source } of given) {
    // A real program's log is of whole conversations.
    if (source !== "conversation" && text.split("[ov wake-").length > 2)
      say("notice", `two in one prompt: ${text}`);
    if (CONTROL.test(text)) say("control", "the model was given control characters");
  }
  for (const text of person.drafts) {
    if (all.includes(text) || cut.includes(text)) say("draft", `submitted: ${text}`);
  }
  for (const text of person.prompts) {
    if (all.split(text).length > 2) say("prompt", `came twice: ${text}`);
  }
  for (const [file, promise] of [
    [world.subject.answered, "dialog"],
    ["typed", "shell"],
  ] as const) {
    const made = statSync(world.worktree(file), { throwIfNoEntry: false })?.mtimeMs;
    if (made !== undefined) {
      const since = (at: number) => (at === 0 ? "before" : `${Math.round(made - at)} ms after`);
      const last = `${since(person.enterAt)} a prompt's Enter, ${since(person.lastWrite)} a write of ours`;
      say(promise, `${file} was made ${last}`);
    }
    rmSync(world.worktree(file), { force: true });
  }
  const bytes = world.recorded();
  if (bytes !== "") say("shell", `${bytes.length} bytes: ${JSON.stringify(bytes.slice(0, 80))}`);
  return { letters: sent.length, again, broken };
}
