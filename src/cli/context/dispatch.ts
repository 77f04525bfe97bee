import { statSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../../adapters/alive.ts";
import { askForKick, takeKick } from "../../adapters/project.ts";
import { builtIn } from "../../adapters/runtimes/all.ts";
import { backupsOf } from "../../adapters/sqlite/backups.ts";
import type { Session } from "../../domain/agent.ts";
import { UNCARRIED_MS } from "../../domain/backup.ts";
import { elapsed } from "../../domain/clock.ts";
import { carrierVariables } from "../../domain/environment.ts";
import { SYSTEM } from "../../domain/name.ts";
import {
  type CarrierState,
  carrierPid,
  carrierState,
  DISPATCHER,
} from "../../usecases/carrier-state.ts";
import type { CarrierTools } from "../../usecases/carry-team.ts";
import { dropDead, pidOf } from "../../usecases/lease.ts";
import type { NewsTools } from "../../usecases/tell-news.ts";
import type { Context } from "../context.ts";
import { makeId, now } from "./clock.ts";
import { teller } from "./news.ts";

/** Exit code of a carrier that makes room for a newer one: its window starts that (EX_TEMPFAIL). */
export const RESTART = 75;

/** Who delivers: the carrier, or a dispatcher that is started when there is something to do. */
export interface Dispatch {
  /** What the carrier needs; `over` resolves, with the reason, when it shall end. */
  carrier(over: Promise<string>): Promise<Omit<CarrierTools, "costs" | "happened">>;
  /** For a process that lives long: says why it must make room for a newer one. */
  replacement(): Promise<() => string | undefined>;
  /** Runs a person's own program; what goes wrong there is an event. */
  notifier(): Promise<NewsTools["notify"]>;
  carrierPid(): number | undefined;
  /** Who carries, or how the last carrier ended. */
  carrierState(): CarrierState;
  /** Whether a carrier or a dispatcher is at work. */
  isCarried(): boolean;
  /** Opens the carrier's window in the project's own tmux. */
  startCarrier(): Promise<void>;
  /**
   * Starts a dispatcher in the background unless one runs, or nobody who is live is among the
   * recipients or has a message that waits. In an agent's
   * sandbox, where none could reach a pane, it asks the agent's next hook for it.
   */
  kick(recipients: readonly string[]): Promise<void>;
  /** Starts `ov` with these words in the background, out of reach of what ends the caller. */
  later(words: readonly string[]): Promise<void>;
  /** As a hook, which runs outside of the sandbox: starts what was asked for in it. */
  answerKick(): Promise<void>;
}

/** `owner`: this process in leases. */
export function dispatch(
  context: () => Context,
  { home, owner }: { home: string; owner: string },
): Dispatch {
  /** A program with a door of its own is called here, before any other process has started. */
  const ring = async (sessions: readonly Session[]): Promise<boolean> => {
    const { ringAgent } = await import("../../usecases/ring-agent.ts");
    const { launcher } = await import("../../adapters/launch.ts");
    const { secrets } = await import("../../adapters/offer-secrets.ts");
    const runtimes = await builtIn(home, sessions);
    if (!runtimes) return false;
    const tools = {
      store: context().store,
      launcher: launcher(context().project.home),
      runtimes,
      env: context().env,
      now,
      newId: makeId,
      ...secrets,
      owner,
    };
    const called = await Promise.all(sessions.map((session) => ringAgent(tools, session)));
    return called.every(Boolean);
  };
  const wakeLive = async (recipients: readonly string[]): Promise<void> => {
    const { store, env, project } = context();
    const live = recipients.flatMap((name) => store.sessions.liveOf(name) ?? []);
    if (env.OV_CONFINED) return live.length > 0 ? askForKick(project.home) : undefined;
    const rung = live.length > 0 && (await ring(live));
    dropDead({ store, isAlive }, DISPATCHER);
    if (store.leases.holder(DISPATCHER)) return;
    // The process that delivered may have been killed: then another agent's messages still wait.
    const isOwed = () =>
      store.sessions
        .live()
        .some(({ agent }) => store.mail.wakeable(agent, Number.MAX_SAFE_INTEGER).length > 0);
    if (live.length === 0 && !isOwed()) return;
    const { startDispatcher } = await import("../../adapters/dispatcher.ts");
    await startDispatcher(home, project, env, rung);
  };
  /** Where nobody carries, the first call after an hour has the store backed up. */
  const backUpUncarried = async (): Promise<void> => {
    const { database } = context().project;
    const made = backupsOf(database)[0]?.at ?? statSync(database).birthtimeMs;
    const isOften = elapsed(made, now()) < UNCARRIED_MS;
    if (isOften || context().env.OV_CONFINED || context().carrierPid() !== undefined) return;
    await context().later(["doctor", "--backup", "--quiet"]);
  };
  const replacement = async () => {
    const { watchProgram } = await import("../../adapters/installation.ts");
    const isReplaced = watchProgram(home);
    return () => {
      if (context().store.isNewer()) return "a newer Overture has changed the store";
      return isReplaced() ? "Overture was updated" : undefined;
    };
  };
  return {
    replacement,
    async carrier(over) {
      const { healthOf, restartOf } = await import("../../domain/config.ts");
      const { backups } = await import("./backups.ts");
      const { cutLog, logsIn } = await import("../../adapters/logs.ts");
      const config = await context().config();
      let why: string | undefined;
      void over.then((reason) => {
        why = reason;
      });
      const wake = await context().wake();
      return {
        ...(await context().succession("carrier")),
        ...wake,
        backups: backups(context().project.database),
        retention: config.retention,
        shortenLogs(bytes) {
          for (const path of logsIn(context().project.home)) cutLog(path, bytes);
        },
        restart: restartOf(config),
        health: healthOf(config),
        settled: new Set(),
        async changed(ms) {
          await Promise.race([wake.changed(ms), over]);
        },
        stopped: () => why,
        replaced: await replacement(),
        ...(await teller(context())),
      };
    },
    async notifier() {
      const { notify } = await context().config();
      const { runNotifier } = await import("../../adapters/notify.ts");
      return async (news) => {
        if (notify.length === 0) return;
        const { project, trusted } = context();
        const refusal = await trusted(true).then(
          () => undefined,
          (error: Error) => error.message,
        );
        const failure = refusal ?? (await runNotifier(notify, { ...news, project: project.root }));
        if (failure) context().store.events.add("notify.failed", { data: { failure } });
      };
    },
    carrierState: () => carrierState({ store: context().store, isAlive }),
    carrierPid() {
      const pid = carrierPid(context().store);
      return pid !== undefined && isAlive(pid) ? pid : undefined;
    },
    isCarried() {
      const holder = context().store.leases.holder(DISPATCHER);
      return holder !== undefined && isAlive(pidOf(holder.owner));
    },
    async startCarrier() {
      const { socket, terminal, launcher, store } = await context().spawn();
      const { haveBack } = await import("../../usecases/reach-agent.ts");
      await haveBack(
        { store, terminal },
        store.sessions.live().map(({ pane }) => pane),
      );
      terminal.check(socket);
      const { root, home: folder } = context().project;
      const { env: keeps } = await context().config();
      const variables = carrierVariables(context().env, keeps.keep);
      const argv = [context().bin, "watch"];
      const { folderHash } = await import("../agent-env.ts");
      const mark = `carrier-${folderHash(root)}`;
      const script = launcher.writeScript(join(folder, "carrier.sh"), argv, variables, RESTART);
      try {
        await terminal.open({ socket, window: SYSTEM, cwd: root, script, mark });
      } catch (error) {
        // Another call was first, a moment ago: its carrier is about to carry.
        if ((await terminal.named(socket, SYSTEM))?.mark !== mark) throw error;
      }
    },
    async kick(recipients) {
      try {
        await wakeLive(recipients);
        await backUpUncarried();
      } catch (error) {
        // The caller's letter is stored; the next call that writes wakes its reader.
        const { message } = await context().out.explain(error, "deliver");
        context().out.warn(`ov: nobody was woken yet: ${message}`);
      }
    },
    async later(words) {
      const { startLater } = await import("../../adapters/dispatcher.ts");
      await startLater(home, context().project, context().env, words);
    },
    async answerKick() {
      if (!takeKick(context().project.home)) return;
      await context().kick(
        context()
          .store.sessions.live()
          .map(({ agent }) => agent),
      );
    },
  };
}
