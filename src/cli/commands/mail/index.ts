import type { Register } from "../../verbs.ts";

const send: Register = async (mail, context) =>
  (await import("./send.ts")).registerSend(mail, context);
const check: Register = async (mail, context) =>
  (await import("./check.ts")).registerCheck(mail, context);
const read: Register = async (mail, context) =>
  (await import("./read.ts")).registerRead(mail, context);
const admin: Register = async (mail, context) =>
  (await import("./admin.ts")).registerAdmin(mail, context);

/** Agents and hooks call these all day: only the file of the one that is called is loaded. */
const PARTS = new Map<Register, readonly string[]>([
  [send, ["send", "reply"]],
  [check, ["check"]],
  [read, ["list", "search", "thread", "read"]],
  [admin, ["ack", "purge", "dead", "retry"]],
]);

export const register: Register = async (command, context, next) => {
  command.addHelpText(
    "after",
    `
Examples:
  ov mail send --to builder-1 --subject "Build it" --type dispatch --payload '{"taskId":"t-1",…}'
  echo "a long text" | ov mail send --to @builders --subject "Read this"
  ov mail check                     read what is new, once
  ov mail list --unread             look without reading
`,
  );
  const called = [...PARTS.keys()].filter((part) => PARTS.get(part)?.includes(next ?? ""));
  for (const part of called.length > 0 ? called : PARTS.keys()) await part(command, context, next);
};
