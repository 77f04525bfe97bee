import { claudeKit } from "./claude-room.ts";
import { agentContract } from "./contract.ts";

agentContract(claudeKit);
