import kleur from "kleur";
import { shellWord } from "../domain/text.ts";
import type { OpenDialog } from "../usecases/open-dialog.ts";

/** The command that answers it; one without options is answered by the person themselves. */
export const answerLine = (agent: string, { options }: OpenDialog): string =>
  options.length > 0 ? `ov answer ${shellWord(agent)} <number>` : `ov attach ${shellWord(agent)}`;

export const dialogJson = (agent: string, dialog: OpenDialog) => ({
  kind: dialog.kind,
  question: dialog.question,
  subject: dialog.subject,
  options: dialog.options.map(({ label }) => label),
  marked: dialog.options.findIndex(({ selected }) => selected) + 1 || null,
  answer: answerLine(agent, dialog),
});

/** What an agent waits at, its options by their numbers, and what to type. */
export function dialogText(agent: string, dialog: OpenDialog): string {
  const asks = [dialog.question, dialog.subject].filter(Boolean).join(" ");
  const options = dialog.options.map(({ label }, i) => `  ${i + 1}. ${label}`);
  return [
    `${kleur.bold(agent)} asks: ${asks}`,
    ...options,
    `  answer it: ${answerLine(agent, dialog)}`,
  ].join("\n");
}
