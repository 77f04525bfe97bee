import { AppError } from "../domain/errors.ts";
import type { Store } from "../ports/store.ts";
import { letterOf } from "./find-by-id.ts";

/** A recipient says that it took a letter up. Returns its whole id. Throws `not_found`, or `refused` with the reason. */
export function ackMail(store: Store, text: string, agent: string): string {
  const { mail } = store;
  const letter = letterOf(store, text);
  const { id } = letter.message;
  const own = letter.deliveries.find((delivery) => delivery.recipient === agent);
  if (!own) {
    const names = letter.deliveries.map((delivery) => delivery.recipient).join(", ");
    throw new AppError("refused", `${id} was not sent to ${agent}`, `it was sent to ${names}`);
  }
  if (own.state === "dead") {
    throw new AppError("refused", `${id} is dead: ${own.reason}`, `ov mail retry ${id}`);
  }
  if (mail.ack(id, agent) || own.state === "acked") return id;
  throw new AppError("refused", `${id} is being read by ${agent} just now`, "try again");
}
