import {
  diffOf,
  hashOf,
  nameFolder,
  type Order,
  ordersOf,
  strangerOf,
  trust,
  untrusted,
} from "../../adapters/trust.ts";
import { AppError } from "../../domain/errors.ts";
import { forTerminal, shellWord } from "../../domain/text.ts";
import { canAsk, isYes } from "../consent.ts";
import type { Context } from "../context.ts";

/** Of each text in a refusal; `ov trust` shows all. */
const LINES = 60;

const diffs = async ({ project }: Context, orders: readonly Order[]) =>
  Promise.all(orders.map((order) => diffOf(project, order)));

/**
 * The one gate before anything of `.overture` runs or reaches an agent. Passes, asks the person
 * at a terminal, or throws `refused` with the lines. `quiet`: never asks.
 */
export async function checkTrust(context: Context, quiet = false): Promise<void> {
  const { project, env } = context;
  const orders = ordersOf(project);
  const stranger = await strangerOf(project, orders, env);
  if (stranger !== undefined) {
    throw new AppError(
      "refused",
      `${project.home} is of another owner, user ${stranger}: nothing of it runs for you`,
      `if you trust them with your account: ov trust --folder --project ${shellWord(project.root)}`,
    );
  }
  const open = await untrusted(project, orders);
  const hash = hashOf(open);
  if (open.length === 0) return;
  // An agent could give itself the variable.
  if (env.OV_TRUST === hash && context.asks().is === "person") return trust(project, open);
  const shown = await diffs(context, open);
  const fix = `read them, then: ov trust --yes; in CI: OV_TRUST=${hash}`;
  if (!quiet && canAsk(context)) {
    process.stderr.write(forTerminal(`${shown.join("\n\n")}\n\n`));
    if (await isYes("This came by git and runs programs or speaks to agents. Trust it?")) {
      return trust(project, open);
    }
    throw new AppError("refused", "these settings, which came by git, are not trusted", fix);
  }
  const cut = shown.map((text) => text.split("\n").slice(0, LINES).join("\n"));
  throw new AppError(
    "refused",
    `nobody here has trusted these settings, which came by git:\n${cut.join("\n\n")}`,
    fix,
  );
}

/** `ov trust`: what is asked for, and what was trusted now. */
export async function giveTrust(
  context: Context,
  { yes, folder }: { yes: boolean; folder: boolean },
) {
  const { project, env } = context;
  const orders = ordersOf(project);
  const stranger = await strangerOf(project, orders, env);
  if (folder) {
    if (stranger !== undefined) nameFolder(project, stranger, env);
    return {
      owner: stranger ?? null,
      hash: null,
      files: [],
      trusted: stranger !== undefined,
      diff: [],
    };
  }
  if (stranger !== undefined) await checkTrust(context, true);
  const open = await untrusted(project, orders);
  const diff = await diffs(context, open);
  let trusted = yes;
  if (!yes && open.length > 0 && canAsk(context)) {
    process.stderr.write(forTerminal(`${diff.join("\n\n")}\n\n`));
    trusted = await isYes("Trust this?");
  }
  if (trusted) trust(project, open);
  return { owner: null, hash: hashOf(open), files: open.map(({ name }) => name), trusted, diff };
}
