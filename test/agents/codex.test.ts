import { codexKit } from "./codex-room.ts";
import { agentContract } from "./contract.ts";

agentContract(codexKit);
