import { renameSync, statSync, writeFileSync } from "node:fs";
import type { Config } from "../domain/config.ts";
import { readText } from "./project.ts";

/** Hash of the code that makes a Config, set by scripts/build.mjs; without a build nothing is kept. */
declare const OV_CONFIG_CODE: string | undefined;
const CODE = typeof OV_CONFIG_CODE === "string" ? OV_CONFIG_CODE : undefined;

/** A file that changed so short a time ago may change again and keep its time. */
const SETTLED_MS = 2_000;

/**
 * Reads `.overture/config.yaml`. Throws `usage` that names the line or the field. `cache` is the
 * file that keeps the checked config: loading yaml and zod would cost `ov mail send` 7 ms.
 */
export async function readConfig(path: string, cache: string): Promise<Config> {
  const key = CODE && identity(path);
  const kept = key && readText(cache);
  if (kept?.startsWith(`${key}\n`)) return JSON.parse(kept.slice(kept.indexOf("\n")));
  const { parseConfig } = await import("./config-yaml.ts");
  const config = parseConfig(readText(path) ?? "", path);
  if (key && key === identity(path)) keep(cache, `${key}\n${JSON.stringify(config)}\n`);
  return config;
}

/** What changes when the file does; undefined while it may change unseen, and without a file. */
function identity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat || Date.now() - Number(stat.mtimeMs) < SETTLED_MS) return undefined;
  return [CODE, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(" ");
}

function keep(cache: string, text: string): void {
  try {
    writeFileSync(`${cache}.${process.pid}`, text, { mode: 0o600 });
    renameSync(`${cache}.${process.pid}`, cache);
  } catch (error) {
    // A project that this user cannot write to is read the slow way.
    const { code } = error as NodeJS.ErrnoException;
    if (!["ENOENT", "EACCES", "EPERM", "EROFS", "ENOSPC"].includes(code ?? "")) throw error;
  }
}
