import { ancestors } from "../../adapters/ancestors.ts";
import { placedBy, placedByFiles } from "../../adapters/placed.ts";
import { type Caller, countedAs, isProved } from "../../domain/caller.ts";
import type { AppError } from "../../domain/errors.ts";
import { checkSpeaker, ORCHESTRATOR } from "../../domain/name.ts";
import { refuseName, refuseThing } from "../../domain/permission.ts";
import type { Context } from "../context.ts";

export interface Asking {
  /** Who runs this process; looked for once, at the first question. */
  asks(): Caller;
  /** The same where the store may be broken, or not there yet. */
  asksByFiles(): Caller;
  /** What this process does from now on is Overture's own. */
  isOwn(): void;
  /** Stores that the caller was refused, at most once a second; returns the error, to be thrown. */
  refused(error: AppError): AppError;
  /** The agent that runs this process, by which limits count; undefined: a person or a script. */
  caller(): string | undefined;
  /**
   * Who sends or reads: the flag, else the caller, else `orchestrator`. Throws `refused` for an
   * agent that gives another name than its own.
   */
  identity(flag: string | undefined): string;
  /** Throws `refused` for an agent that is none of these. */
  expectOwner(owners: readonly string[], thing: string): void;
  /** Who is meant, by whomever. */
  named(flag: string | undefined): string;
  /** Our session that this process belongs to. */
  ownSession(): string | undefined;
}

const SELDOM_MS = 1_000;

export function asking(context: () => Context, env: NodeJS.ProcessEnv): Asking {
  let found: Caller | undefined;
  const claimed = env.OV_AGENT || env.OVERSTORY_AGENT_NAME || undefined;
  const speaker = (name: string) => checkSpeaker(name, () => context().store.agents);
  const self: Asking = {
    asks() {
      if (found) return found;
      const { sessions, agents } = context().store;
      const isLocal = (name: string) => agents.get(name)?.kind === "local";
      found = placedBy({ ...sessions, isLocal }, ancestors(), claimed);
      return found;
    },
    asksByFiles() {
      const { home, root } = context().project;
      return found ?? placedByFiles(home, root, ancestors());
    },
    isOwn() {
      found = { is: "overture" };
    },
    refused(error) {
      const caller = self.asks();
      const data = { why: error.message };
      const agent = caller.is === "agent" ? { agent: caller.name } : {};
      context().store.events.addSeldom("access.refused", { ...agent, data }, SELDOM_MS);
      return error;
    },
    caller: () => countedAs(self.asks()),
    identity(flag) {
      const caller = self.asks();
      const name = flag ?? (countedAs(caller) || ORCHESTRATOR);
      const refusal = isProved(caller) ? refuseName(caller, name) : undefined;
      if (refusal) throw self.refused(refusal);
      return speaker(name);
    },
    expectOwner(owners, thing) {
      const refusal = refuseThing(self.asks(), owners, thing);
      if (refusal) throw self.refused(refusal);
    },
    named: (flag) => speaker(flag ?? (self.caller() || ORCHESTRATOR)),
    ownSession() {
      if (env.OV_SESSION) return env.OV_SESSION;
      const caller = self.asks();
      return caller.is === "agent" ? (caller.session ?? undefined) : undefined;
    },
  };
  return self;
}
