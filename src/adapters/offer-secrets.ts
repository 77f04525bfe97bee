import { newSecret } from "../domain/reply-line.ts";
import type { Secrets } from "../ports/runtime.ts";
import { randomBytes } from "./random.ts";
import { sha256 } from "./sha256.ts";

export const secrets: Secrets = { newSecret: () => newSecret(randomBytes), hashOf: sha256 };
