import type { Explain } from "../output.ts";

/** `home`: the project's folder, where there is one. */
export const explainer =
  (home: () => string): Explain =>
  async (error, command) => {
    const { explainError } = await import("../../adapters/trouble.ts");
    return explainError(error, command, unlessNone(home));
  };

/** An error may be that there is no project, and its search may fail as the rest did. */
function unlessNone(home: () => string): string | undefined {
  try {
    return home();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
