import type { Register } from "../../verbs.ts";
import { registerAdmin } from "./admin.ts";
import { registerCheck } from "./check.ts";
import { registerRead } from "./read.ts";
import { registerSend } from "./send.ts";

export const register: Register = (command, context) => {
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
  registerSend(command, context);
  registerCheck(command, context);
  registerRead(command, context);
  registerAdmin(command, context);
};
