import { AppError } from "../domain/errors.ts";
import type { Store } from "../ports/store.ts";
import { unknownMessage } from "./send-mail.ts";

/** A recipient says that it took a letter up. Throws `not_found`, or `refused` with the reason. */
export function ackMail({ mail }: Store, id: string, agent: string): void {
  const letter = mail.get(id);
  if (!letter) throw unknownMessage(id);
  const own = letter.deliveries.find((delivery) => delivery.recipient === agent);
  if (!own) {
    const names = letter.deliveries.map((delivery) => delivery.recipient).join(", ");
    throw new AppError("refused", `${id} was not sent to ${agent}`, `it was sent to ${names}`);
  }
  if (own.state === "dead") {
    throw new AppError("refused", `${id} is dead: ${own.reason}`, `ov mail retry ${id}`);
  }
  if (mail.ack(id, agent) || own.state === "acked") return;
  throw new AppError("refused", `${id} is being read by ${agent} just now`, "try again");
}
