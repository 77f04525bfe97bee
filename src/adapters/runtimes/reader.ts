import type { LastWords } from "../../ports/agent-files.ts";
import type {
  TranscriptDropped,
  TranscriptHas,
  TranscriptHolds,
  TranscriptSecrets,
} from "../../ports/runtime.ts";
import type { Usage } from "../../ports/usage.ts";
import type { Memory } from "./usage-lines.ts";

/** How the transcripts of one program are read; each is named without the prefix of its reader. */
export interface Reader {
  secrets: TranscriptSecrets;
  has: TranscriptHas;
  /** For those that write down before they call the model. */
  holds: TranscriptHolds;
  dropped: TranscriptDropped;
  /** Esc may take a turn back also after the model has answered in it. */
  undoes?: true;
  lastWords: LastWords;
  /** In a file of its own, `*-usage.ts`, which is not loaded by those that only look for letters. */
  usage: (transcript: string, memory: Memory) => Promise<Usage | undefined>;
}
