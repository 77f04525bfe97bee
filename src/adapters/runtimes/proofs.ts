import type { Proofs } from "../../ports/runtime.ts";
import { isAlive } from "../alive.ts";
import { takeBack } from "./bell.ts";
import {
  transcriptDropped,
  transcriptHas,
  transcriptHolds,
  transcriptUndoes,
} from "./transcript.ts";

export const proofs: Proofs = {
  transcriptHas,
  transcriptHolds,
  transcriptDropped,
  transcriptUndoes,
  takeBack,
  isAlive,
};
