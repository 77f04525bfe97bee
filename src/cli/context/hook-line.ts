import { quote } from "../../adapters/quote.ts";
import { HOOKS } from "../../adapters/runtimes/all.ts";

/** The shell command of our hook at an event. `bin`: path of the launcher. */
export function hookLine(bin: string, event: string, runtime: string): string {
  const form = HOOKS[runtime] === HOOKS.claude ? "" : ` --runtime ${runtime}`;
  // Silent and harmless once the program is gone; `exec` spares a process.
  const call = `mail check --inject --event ${event}${form}`;
  return `[ ! -x ${quote(bin)} ] || exec ${quote(bin)} ${call}`;
}
