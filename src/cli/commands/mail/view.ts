import kleur from "kleur";
import type { Delivery } from "../../../domain/delivery.ts";
import { formatAge } from "../../../domain/duration.ts";
import { isoOrNull } from "../../../domain/time.ts";
import type { Letter } from "../../../ports/store.ts";
import { isUnread } from "./json.ts";

const COLOR: Record<Delivery["state"], (text: string) => string> = {
  queued: kleur.yellow,
  leased: kleur.yellow,
  offered: kleur.cyan,
  seen: kleur.green,
  acked: kleur.green,
  dead: kleur.red,
};

/** `builder-1 seen (transcript)`, `lead held: dialog_open`. */
export function receiptText(d: Delivery): string {
  const isHeld = d.state === "queued" && d.reason !== null;
  const word = isHeld ? `held: ${d.reason}` : d.state;
  const why = d.state === "dead" ? `: ${d.reason}` : d.proof ? ` (${d.proof})` : "";
  return `${d.recipient} ${COLOR[d.state](word)}${why}`;
}

/** `*` stands before what somebody (or `reader`) is still to read. */
export function letterLine(letter: Letter, now: number, reader?: string): string {
  const { message: m, deliveries } = letter;
  const star = isUnread(letter, reader) ? kleur.yellow("*") : " ";
  const mark = m.priority === "normal" ? "" : ` ${kleur.magenta(m.priority)}`;
  const to = deliveries.map(receiptText).join(", ");
  const age = formatAge(now - m.createdAt);
  return `${star} ${kleur.dim(m.id)}  ${age.padStart(3)}  ${m.sender} ▸ ${to}  ${kleur.dim(m.type)}${mark}  ${kleur.bold(m.subject)}`;
}

export function letterHead({ message: m, deliveries }: Letter): string {
  return [
    `${kleur.bold(m.subject)}`,
    `${m.id}  thread ${m.thread}`,
    `from ${m.sender} to ${m.address}  ${m.type}, ${m.priority}  ${isoOrNull(m.createdAt)}`,
    ...deliveries.map((d) => `receipt: ${receiptText(d)}`),
    ...(m.payload ? [`payload: ${m.payload}`] : []),
  ].join("\n");
}

export const letterText = (letter: Letter): string =>
  `${letterHead(letter)}\n\n${letter.message.body}\n`;
