import { agentContract } from "./contract.ts";
import { geminiKit } from "./gemini-room.ts";

agentContract(geminiKit);
