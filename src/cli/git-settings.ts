import { AppError } from "../domain/errors.ts";
import { type ChangedSetting, sayChanged } from "../domain/git-settings.ts";
import { acceptSettings } from "../usecases/git-settings.ts";
import { canAsk, isYes } from "./consent.ts";
import type { Context } from "./context.ts";

interface Options {
  branch?: string;
  all?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

/** `ov merge --accept-settings`: shows what has changed, and takes it as the person's own. */
export async function acceptHere(context: Context, options: Options): Promise<void> {
  const { branch, all, dryRun, yes = false } = options;
  if (branch !== undefined || all || dryRun) {
    throw new AppError("usage", "--accept-settings merges nothing", "give it alone, or with --yes");
  }
  const { settings } = await context.repo();
  const accepted = await acceptSettings(settings, (changed) => agrees(context, changed, yes));
  const lines = accepted.map((one) => `accepted  ${sayChanged(one)}`);
  const text = lines.length > 0 ? lines.join("\n") : "nothing to accept";
  await context.out.done("merge", { accepted }, text);
}

async function agrees(
  context: Context,
  changed: readonly ChangedSetting[],
  yes: boolean,
): Promise<boolean> {
  if (yes) return true;
  const list = changed.map((one) => `  ${sayChanged(one)}`).join("\n");
  const refused = (message: string) =>
    new AppError("refused", `${message}:\n${list}`, "ov merge --accept-settings --yes");
  if (!canAsk(context)) {
    throw refused("git runs programs by these settings, and nobody is here to be asked");
  }
  context.out.warn(`Git runs programs by these settings:\n${list}`);
  if (await isYes("Are they yours?")) return true;
  throw refused("not accepted");
}
