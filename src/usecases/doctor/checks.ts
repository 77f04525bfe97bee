import { agents } from "./agents.ts";
import { config } from "./config.ts";
import { dependencies } from "./dependencies.ts";
import { disk } from "./disk.ts";
import { hooks } from "./hooks.ts";
import { letters } from "./letters.ts";
import { orphans } from "./orphans.ts";
import { processes } from "./processes.ts";
import { starts } from "./starts.ts";
import { storeFile } from "./store.ts";
import { tmux } from "./tmux.ts";
import type { Checks } from "./tools.ts";

/** Every check, in the order in which they are told. Drawn in docs/doctor.md. */
export const CHECKS: Checks = {
  dependencies,
  tmux,
  hooks,
  store: [...storeFile, ...letters],
  orphans: [...starts, ...orphans, ...processes],
  agents,
  disk,
  config,
};
