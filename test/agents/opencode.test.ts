import { agentContract } from "./contract.ts";
import { opencodeKit } from "./opencode-room.ts";

agentContract(opencodeKit);
