import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the table of look-alikes is what its script makes of Unicode's list", () => {
  const path = "src/domain/look-alike-table.ts";
  const made = execFileSync(process.execPath, ["scripts/look-alikes.mjs", "--print"], {
    encoding: "utf8",
  });
  const plain = (text: string) => text.replace(/[\s"]+/g, "");
  expect(plain(readFileSync(path, "utf8"))).toBe(plain(made));
});
