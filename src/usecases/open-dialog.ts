import { type Dialog, subjectOf } from "../domain/dialog.ts";
import { cleanHeader } from "../domain/text.ts";
import type { Observation } from "./observe-agent.ts";

/** A dialog as it is open on an agent's screen, with what it asks about. */
export interface OpenDialog extends Dialog {
  subject: string;
}

const SGR = /\x1b\[[0-9;:]*m/g;
const SUBJECT_MAX = 400;

/** Undefined: none is open. */
export function dialogOf(
  seen: Pick<Observation, "reading" | "frame"> | undefined,
): OpenDialog | undefined {
  const dialog = seen?.reading?.dialog;
  if (!dialog) return undefined;
  const rows = (seen?.frame?.lines ?? []).map((line) => line.replace(SGR, "").trimEnd());
  return { ...dialog, subject: cleanHeader(subjectOf(rows, dialog)).slice(0, SUBJECT_MAX) };
}
