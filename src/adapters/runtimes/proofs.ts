import type { Proofs } from "../../ports/runtime.ts";
import { isAlive } from "../alive.ts";
import { takeBack } from "./bell.ts";
import {
  oddTranscript,
  transcriptDropped,
  transcriptHas,
  transcriptHolds,
  transcriptUndoes,
} from "./transcript.ts";

export const proofs: Proofs = {
  oddTranscript,
  transcriptHas,
  transcriptHolds,
  transcriptDropped,
  transcriptUndoes,
  takeBack,
  isAlive,
};
