/** Where a command runs, if not where its process does. */
export interface Place {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Waits for no other writer longer than a hook may, and makes no store. */
  isHook?: boolean;
}
