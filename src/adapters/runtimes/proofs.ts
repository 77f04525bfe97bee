import type { Proofs } from "../../ports/runtime.ts";
import { isAlive } from "../alive.ts";
import { secrets } from "../offer-secrets.ts";
import { takeBack } from "./bell.ts";
import {
  oddTranscript,
  transcriptDropped,
  transcriptHas,
  transcriptHolds,
  transcriptSecrets,
  transcriptUndoes,
} from "./transcript.ts";

export const proofs: Proofs = {
  oddTranscript,
  transcriptSecrets,
  transcriptHas,
  transcriptHolds,
  transcriptDropped,
  transcriptUndoes,
  takeBack,
  ...secrets,
  isAlive,
};
