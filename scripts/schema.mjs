// Writes test/schema.sql: the schema that the migrations make, so that each change is a diff.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { build } from "esbuild";

const dir = mkdtempSync(join(tmpdir(), "ov-schema-"));
const outfile = join(dir, "migrations.mjs");
await build({ entryPoints: ["src/adapters/sqlite/migrations.ts"], format: "esm", outfile });
const { MIGRATIONS } = await import(outfile);
const db = new Database(":memory:");
for (const migration of MIGRATIONS) db.exec(migration);
const rows = db
  .prepare(
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%fts_%' ORDER BY name",
  )
  .pluck()
  .all();
writeFileSync("test/schema.sql", `${rows.map((sql) => `${sql};`).join("\n\n")}\n`);
db.close();
rmSync(dir, { recursive: true });
