import type { Message } from "./message.ts";

/** What every text that we type begins with: never a character that an agent obeys. */
export const NOTICE_HEAD = "[ov wake-";

/**
 * The line that wakes an idle agent. It carries an id of its own and no letter: the prompt hook
 * injects the letters themselves, and the last words serve an agent whose hook does not run.
 * Nothing of a letter's text is in it: what is typed counts as a person's words, and composers
 * drop zero-width characters, so that a subject might never be seen as it was pasted. One short
 * line: a paste of 4 lines or 800 characters collapses (Claude Code 2.1.329).
 */
export function formatNotice(id: string, letters: readonly Message[]): string {
  const first = letters[0]!;
  const more = letters.length > 1 ? ` and ${letters.length - 1} more` : "";
  return `[ov ${id}] You have mail: ${first.type} from ${first.sender}${more}. If it is not shown below, run: ov mail check`;
}

const squeeze = (text: string) => text.replace(/\s+/g, "");

/** Whether a composer holds exactly this notice; narrow panes wrap it anywhere. */
export function isNotice(draft: string, notice: string): boolean {
  return squeeze(draft) === squeeze(notice);
}

/** Whether a composer holds a notice of ours that was never submitted, and nothing else. */
export function isStrayNotice(draft: string): boolean {
  const text = squeeze(draft);
  return text.startsWith(squeeze(NOTICE_HEAD)) && text.endsWith("run:ovmailcheck");
}
