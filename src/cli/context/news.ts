import { type News, newsWords, waitingWords } from "../../domain/news.ts";
import type { NewsTools } from "../../usecases/tell-news.ts";
import type { Context } from "../context.ts";

/**
 * How the carrier tells a person: in its own terminal, by the bell and the status line of terminals
 * that are attached to the project's tmux, by a notice on the desktop, and by the person's program.
 */
export async function teller(context: Context): Promise<Pick<NewsTools, "notify" | "waiting">> {
  const config = await context.config();
  const program = await context.notifier();
  if (!config.tell) return { notify: program };
  const { desktopNotice, ring } = await import("../../adapters/notify.ts");
  const { terminal, socket } = await context.spawn("carrier");
  let shown = "";
  const tell = async (news: News) => {
    const { line, command } = newsWords(news);
    context.out.bell();
    context.out.warn(`ov: ${line}\n    ${command}`);
    ring(await terminal.attached(socket));
    if (config.notify.length === 0) await desktopNotice(line, command, context.env);
  };
  return {
    async notify(news) {
      await tell(news);
      await program(news);
    },
    async waiting(agents) {
      const words = waitingWords(agents);
      if (words === shown) return;
      await terminal.show(socket, words);
      shown = words;
    },
  };
}
