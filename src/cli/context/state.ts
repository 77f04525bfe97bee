import { markers } from "../../adapters/project.ts";
import { openState } from "../../adapters/sqlite/state.ts";
import type { StateTools } from "../../usecases/share-state.ts";
import type { Context } from "../context.ts";
import { now } from "./clock.ts";

/** Facts have a connection of their own, so that no other verb loads what they need. */
export async function withState<T>(
  { project }: Context,
  work: (tools: StateTools) => T | Promise<T>,
): Promise<T> {
  const state = openState(project.database, { now, marker: markers(project.home) });
  try {
    return await work({ state, now });
  } finally {
    state.close();
  }
}
