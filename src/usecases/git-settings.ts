import { AppError } from "../domain/errors.ts";
import { type ChangedSetting, changedSettings, sayChanged } from "../domain/git-settings.ts";
import type { SettingsNote } from "../ports/repo.ts";

const ACCEPT = "if they are yours, accept them: ov merge --accept-settings";

/** Notes what is set now, where nothing is noted yet: before the first agent works. */
export async function noteSettings(note: SettingsNote): Promise<void> {
  if (note.noted() === undefined) note.note(await note.find());
}

/** Throws `refused` when git would run a program by a setting that is new since they were noted. */
export async function expectSettings(note: SettingsNote): Promise<void> {
  const noted = note.noted();
  if (noted === undefined) return;
  const changed = changedSettings(noted, await note.find());
  if (changed.length === 0) return;
  const lines = changed.map((one) => `  ${sayChanged(one)}`);
  const what = "settings by which git runs programs have changed since agents work here";
  throw new AppError("refused", [`${what}; nothing moves:`, ...lines].join("\n"), ACCEPT);
}

/**
 * Takes what is set now as the person's own, once `agrees` to the list; where that says no, nothing
 * changes. Returns what was accepted.
 */
export async function acceptSettings(
  note: SettingsNote,
  agrees: (changed: readonly ChangedSetting[]) => Promise<boolean>,
): Promise<ChangedSetting[]> {
  const found = await note.find();
  const changed = changedSettings(note.noted() ?? [], found);
  if (changed.length > 0 && !(await agrees(changed))) return [];
  note.note(found);
  return changed;
}
