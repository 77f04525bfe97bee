import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    globalSetup: ["test/setup.ts"],
    // Tests wait for facts: a machine that is starved needs several times as long.
    testTimeout: 240_000,
    hookTimeout: 180_000,
    pool: "forks",
    // Most of a test is waiting: two of them leave two cores idle for a third of the time.
    maxWorkers: 3,
  },
});
