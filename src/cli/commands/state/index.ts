import type { Register } from "../../verbs.ts";
import { registerGet } from "./get.ts";
import { registerMerge } from "./merge.ts";
import { registerSet } from "./set.ts";

export const register: Register = (command, context) => {
  command.addHelpText("after", "\nExample:\n  ov state set api-port 8091\n");
  registerGet(command, context);
  registerSet(command, context);
  registerMerge(command, context);
};
