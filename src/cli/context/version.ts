import { installation } from "../../adapters/installation.ts";
import { sqliteVersion } from "../../adapters/sqlite/database.ts";
import { AppError } from "../../domain/errors.ts";

/** `ov --version --verbose`: what this is, how it was installed, and what brings a newer one. */
export async function versionText(home: string, json: boolean): Promise<string> {
  const { version, kind, update } = installation(home);
  const node = `${process.version} (${process.execPath})`;
  const data = { version, kind, home, update, node, sqlite: sqlite() };
  if (json) return `${JSON.stringify({ success: true, command: "version", ...data })}\n`;
  return [
    `ov ${version}`,
    `installed  ${kind === "package" ? "by npm" : `as a ${kind}`}: ${home}`,
    `update     ${update}`,
    `Node       ${node}`,
    `SQLite     ${data.sqlite}`,
    "",
  ].join("\n");
}

function sqlite(): string {
  try {
    return sqliteVersion();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message;
  }
}
