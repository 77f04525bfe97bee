import type * as z from "zod/mini";
import type { Context } from "../context.ts";

export interface Answer {
  /** What the model reads. */
  text: string;
  /**
   * The same as fields, for a result that is short. Claude Code and Codex show their model these
   * and not the text, so what is to be read as it stands has none.
   */
  data?: Record<string, unknown>;
  /** To be called once the answer has left this process. */
  written?: () => void;
}

/** Who calls, and the program around a single call. */
export interface Call {
  context: Context;
  agent: string;
}

export interface Tool {
  name: string;
  /** What it does, as a verb: who may call that may call it. */
  verb: string;
  description: string;
  shape: z.ZodMiniObject;
  /** It changes nothing. */
  isReadOnly: boolean;
  run(call: Call, input: never): Answer | Promise<Answer>;
}

/** A row of the list of tools, with the types of its fields. */
export function tool<S extends z.ZodMiniObject>(row: {
  name: string;
  verb?: string;
  description: string;
  shape: S;
  isReadOnly?: boolean;
  run(call: Call, input: z.infer<S>): Answer | Promise<Answer>;
}): Tool {
  return { isReadOnly: false, verb: row.name.replace("_", " "), ...row };
}
