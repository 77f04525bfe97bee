import type { Command } from "commander";
import { AppError } from "../../../domain/errors.ts";
import { ackMail } from "../../../usecases/ack-mail.ts";
import { letterOf } from "../../../usecases/find-by-id.ts";
import { type Context, now } from "../../context.ts";
import { positive } from "../../options.ts";
import { beforeOption, filterOf, showList, withFilter } from "./read.ts";

const DAY_MS = 86_400_000;

const LATER =
  "their text stays in the store's files while another process reads it; the next purge takes it";

export function registerAdmin(mail: Command, context: Context): void {
  const who = (flag: string | undefined) => context.identity(flag);

  mail
    .command("ack")
    .description("say that a letter was taken up; a reply does the same")
    .argument("<id>", "the message id, or how it begins")
    .option("--agent <name>", "the recipient (default: $OV_AGENT, else orchestrator)")
    .option("--from <name>", "the same as --agent")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov mail ack msg-01k…\n")
    .action(async (text: string, options: { agent?: string; from?: string }) => {
      const agent = who(options.agent ?? options.from);
      const id = ackMail(context.store, text, agent);
      await context.out.done("mail ack", { id, agent, acked: true }, `${id} acked by ${agent}`);
    });

  mail
    .command("purge")
    .description("delete letters that are seen, acked or dead")
    .option("--all", "delete unread letters too")
    .option("--days <n>", "only letters older than this", positive)
    .option("--agent <name>", "only letters from or to this agent")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov mail purge --days 30\n")
    .action(async ({ all, days, agent }: { all?: boolean; days?: number; agent?: string }) => {
      if (!all && days === undefined && agent === undefined) {
        throw new AppError("usage", "nothing to purge was named", "give --all, --days or --agent");
      }
      const { count: purged, isGivenBack } = context.store.mail.purge({
        ...(all ? { all } : {}),
        ...(days === undefined ? {} : { before: now() - days * DAY_MS }),
        ...(agent === undefined ? {} : { agent }),
      });
      const { backups } = await import("../../context/backups.ts");
      const kept = backups(context.project.database);
      // Their text is in every backup that was made before.
      if (purged > 0 && kept.newest()) kept.keepOnly(await kept.make());
      const more = isGivenBack ? "" : `; ${LATER}`;
      await context.out.done("mail purge", { purged, isGivenBack }, `${purged} deleted${more}`);
    });

  withFilter(mail.command("dead").description("list letters that no reader will get, and why"))
    .option(...beforeOption)
    .addHelpText("after", "\nExample:\n  ov mail dead --from orchestrator\n")
    .action(async (options) => {
      context.store.mail.expire(now());
      const found = context.store.mail.dead(filterOf(context, options));
      await showList(context, "mail dead", found, "No dead letters", options);
    });

  mail
    .command("retry")
    .description("queue a dead letter again, without its expiry")
    .argument("<id>", "the message id, or how it begins")
    .option("--to <name>", "only for this recipient")
    .option("--json", "print JSON only")
    .addHelpText("after", "\nExample:\n  ov mail retry msg-01k…\n")
    .action(async (text: string, { to }: { to?: string }) => {
      const { message, deliveries } = letterOf(context.store, text);
      const { id, sender } = message;
      context.expectOwner([sender, ...deliveries.map((one) => one.recipient)], id);
      const recipients = context.store.mail.retry(id, to);
      if (recipients.length === 0) {
        throw new AppError("refused", `${id} has no dead delivery`, "list them: ov mail dead");
      }
      await context.kick(recipients);
      const told = `${id} queued again for ${recipients.join(", ")}`;
      await context.out.done("mail retry", { id, recipients }, told);
    });
}
