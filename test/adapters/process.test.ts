import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { run, spawnDetached } from "../../src/adapters/process.ts";

let dir: string;

beforeAll(() => {
  const rooms = process.env.OV_TEST_ROOMS ?? tmpdir();
  mkdirSync(rooms, { recursive: true });
  dir = mkdtempSync(join(rooms, "process-"));
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("a program that is run", () => {
  it("answers with its code and what it wrote, byte for byte", async () => {
    const answer = await run("sh", ["-c", "printf 'out\\n\\n'; printf err >&2; exit 3"], {
      okCodes: [3],
    });
    expect(answer).toEqual({ code: 3, stdout: "out\n\n", stderr: "err" });
  });

  it("reads its input, and the end of file where there is none", async () => {
    expect((await run("cat", [], { input: "words ü" })).stdout).toBe("words ü");
    expect((await run("cat", [])).stdout).toBe("");
  });

  it("gets each argument as it is", async () => {
    const args = ["%s|", "$HOME", "a b", "*", "-x", "'\"", ""];
    expect((await run("printf", args)).stdout).toBe("$HOME|a b|*|-x|'\"||");
  });

  it("inherits the environment with the changes that are asked for", async () => {
    vi.stubEnv("OV_TEST_KEPT", "kept");
    vi.stubEnv("OV_TEST_GONE", "gone");
    const script = "echo $OV_TEST_KEPT $OV_TEST_GONE $OV_TEST_NEW";
    const env = { OV_TEST_GONE: undefined, OV_TEST_NEW: "new" };
    expect((await run("sh", ["-c", script], { env })).stdout).toBe("kept new\n");
    vi.unstubAllEnvs();
  });

  it("that fails is named with its last words", async () => {
    await expect(run("sh", ["-c", "echo why >&2; exit 1"])).rejects.toMatchObject({
      kind: "refused",
      message: "sh: why",
    });
  });

  it("that was killed has the code of a shell", async () => {
    expect((await run("sh", ["-c", "kill -TERM $$"], { okCodes: "any" })).code).toBe(143);
  });

  it("that takes too long is killed", async () => {
    const late = run("sleep", ["60"], { timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ kind: "timeout" });
  });

  it("that is not installed is told from a folder that is missing", async () => {
    await expect(run("no-such-tool", [])).rejects.toMatchObject({
      message: "no-such-tool is not installed",
      hint: expect.stringContaining("install no-such-tool"),
    });
    await expect(run("true", [], { cwd: join(dir, "none") })).rejects.toMatchObject({
      message: expect.stringContaining("no folder"),
    });
  });
});

describe("a detached program", () => {
  it("leads a group of its own and writes to its log", async () => {
    const logFile = join(dir, "helper.log");
    const env = { OV_TEST_NEW: "new" };
    const pid = await spawnDetached("sh", ["-c", 'ps -o pgid= -p $$; echo "$OV_TEST_NEW"'], {
      cwd: dir,
      env,
      logFile,
    });
    await expect.poll(() => readFileSync(logFile, "utf8")).toMatch(/new\n$/);
    expect(Number.parseInt(readFileSync(logFile, "utf8"), 10)).toBe(pid);
  });

  it("that is not installed throws and ends nothing else", async () => {
    await expect(spawnDetached("no-such-tool", [])).rejects.toMatchObject({ kind: "refused" });
  });
});
