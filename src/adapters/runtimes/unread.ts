import type { ScreenReading } from "../../ports/runtime.ts";

/** A frame on which nothing that is known has the keys; a reader adds what it does know. */
export const unread = (detail: string): ScreenReading => ({
  focus: "none",
  dialog: undefined,
  compacting: false,
  draft: "",
  busy: false,
  detail,
  error: false,
});
