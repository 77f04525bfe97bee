import type { Register } from "../../verbs.ts";

const send: Register = async (mail, context) =>
  (await import("./send.ts")).registerSend(mail, context);
const check: Register = async (mail, context) =>
  (await import("./check.ts")).registerCheck(mail, context);
const read: Register = async (mail, context) =>
  (await import("./read.ts")).registerRead(mail, context);
const admin: Register = async (mail, context) =>
  (await import("./admin.ts")).registerAdmin(mail, context);

/** What agents and hooks call all day is loaded alone. */
const HOT: Record<string, Register> = { send, reply: send, check };

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
  const hot = HOT[next ?? ""];
  for (const part of hot ? [hot] : [send, check, read, admin]) await part(command, context, next);
};
