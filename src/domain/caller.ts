/** Who runs a command, and how that was found. */
export type Caller =
  /** A terminal, cron, ssh, CI: whatever is below no agent. `as`: the name that its environment gives. */
  | { is: "person"; as?: string | undefined }
  /** `found`: `pane 4711`, `program 4711`, `key` or `environment` (which alone proves nothing). */
  | { is: "agent"; name: string; session: string | null; found: string }
  /** Overture's own process: the carrier and the dispatcher. */
  | { is: "overture" }
  /** It cannot be placed, and so is nobody. `why`: in words; `hint`: what to type. */
  | { is: "outside"; why: string; hint: string };

/** What is stored with an event. */
export interface Trail {
  /** An agent's name; null for everybody else, of whom `found` says what they are. */
  caller: string | null;
  found: string;
}

export const trailOf = (caller: Caller): Trail =>
  caller.is === "agent"
    ? { caller: caller.name, found: caller.found }
    : { caller: null, found: caller.is };

/** The agent's name that its messages are counted by; a person's and Overture's are not counted. */
export const countedAs = (caller: Caller): string | undefined => {
  if (caller.is === "agent") return caller.name;
  return caller.is === "person" ? caller.as : undefined;
};

/** Whether it is proved, so that no other name is believed. */
export const isProved = (caller: Caller): boolean =>
  caller.is === "outside" || (caller.is === "agent" && caller.found !== "environment");

/** In words, for whoever is refused. */
export function sayCaller(caller: Caller): string {
  if (caller.is === "outside") return "this process";
  if (caller.is !== "agent") return caller.is === "person" ? "the person" : "Overture";
  const how: Record<string, string> = {
    key: "it carries the key of its session",
    environment: "its environment says so",
  };
  const [what = "", pid = ""] = caller.found.split(" ");
  return `${caller.name} (${how[caller.found] ?? `it runs below process ${pid} of its ${what}`})`;
}
