import { AppError } from "../../domain/errors.ts";
import type { Register } from "../verbs.ts";

interface TrustOptions {
  yes?: boolean;
  folder?: boolean;
}

export const register: Register = (command, context) => {
  command
    .option("--yes", "trust what is shown, without a question")
    .option("--folder", "take this project's folder though it belongs to another user")
    .option("--json", "print JSON only")
    .addHelpText(
      "after",
      `
Shows what of .overture/ came by git (a clone, a pull, a checkout, a merge) and may run programs or
speak to agents: config.yaml, roles/*.md, specs/*.md. At a terminal it asks; nothing of it runs
before. What you save yourself needs no trust. In CI, OV_TRUST=<hash> trusts exactly these texts.

Examples:
  ov trust
  ov trust --yes
  ov trust --folder
`,
    )
    .action(async ({ yes, folder }: TrustOptions) => {
      const result = await context.trust({ yes: yes ?? false, folder: folder ?? false });
      const { files, trusted, diff, hash } = result;
      if (folder) {
        const text = trusted
          ? "Trusted: this folder, as its owner left it"
          : "This folder is yours";
        await context.out.done("trust", result, text);
        return;
      }
      const isOpen = files.length > 0 && !trusted;
      const said =
        files.length === 0
          ? "Nothing here waits for your trust"
          : `${trusted ? "Trusted" : "Not trusted"}: ${files.join(", ")}`;
      const text = files.length > 0 ? `${diff.join("\n\n")}\n\n${said}` : said;
      const failure = isOpen
        ? new AppError("refused", said, `ov trust --yes; in CI: OV_TRUST=${hash}`)
        : undefined;
      await context.out.done(
        "trust",
        result,
        isOpen ? `${text}\n    ov trust --yes` : text,
        failure,
      );
    });
};
