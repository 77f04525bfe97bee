import { expect, test } from "vitest";
import { checkConfig } from "../../src/domain/config.ts";

const PROJECT = { name: "shop" };
const check = (rest: object) => checkConfig({ project: PROJECT, ...rest }, "config.yaml");

test("a project's name is enough, all else has a default", () => {
  expect(check({})).toEqual({
    project: PROJECT,
    mail: { ratePerMinute: 60, pairPerTenMinutes: 40 },
    answer: { byParent: false },
    notify: [],
    tell: true,
    delivery: { modeGraceSeconds: 30 },
    restart: { policy: "on-crash", limit: 3, withinMinutes: 30, backoffSeconds: 5 },
    health: { stalledMinutes: 15, silentMinutes: 15, stepMinutes: 5 },
    merge: { gates: [], gateMinutes: 60 },
    retention: { events: 180, dead: 0, logs: 10 },
    roles: {},
    worktree: { copy: [], link: [], run: [] },
    env: { keep: [] },
    mcp: false,
    budget: { warnAt: 0.8 },
    costs: { prices: {} },
    runtime: "claude",
    runtimes: {},
  });
});

test("a part that is given keeps the defaults of its other fields", () => {
  expect(check({ merge: { into: "main" } }).merge).toMatchObject({ into: "main", gates: [] });
});

test.each([
  ["mail.ratePerMinute", { mail: { ratePerMinute: -1 } }],
  ["mail.ratePerMinute", { mail: { ratePerMinute: "ten" } }],
  ["delivery.modeGraceSeconds", { delivery: { modeGraceSeconds: "30s" } }],
  ["merge.gates", { merge: { gates: "npm test" } }],
  ["merge.gateMinutes", { merge: { gateMinutes: 0 } }],
  ["merge.gateMinutes", { merge: { gateMinutes: 1441 } }],
  ["merge.env.0", { merge: { env: ["A B"] } }],
  ["merge.gates.1", { merge: { gates: ["npm test", ""] } }],
  ["budget.warnAt", { budget: { warnAt: 80 } }],
  ["budget.usdPerRun", { budget: { usdPerRun: 0 } }],
  ["costs.prices.m.input", { costs: { prices: { m: { output: 1 } } } }],
  ["costs.prices.m.output", { costs: { prices: { m: { input: 1, output: -1 } } } }],
  ["tmux.socket", { tmux: { socket: "../other" } }],
  ["project.name", { project: { name: "../x" } }],
  ["project.name", { project: {} }],
  ["runtimes.claude.args", { runtimes: { claude: { args: "-v" } } }],
  ["mail", { mail: null }],
])("a wrong %s is named: %j", (field, rest) => {
  expect(() => check(rest)).toThrow(
    expect.objectContaining({
      kind: "usage",
      message: expect.stringMatching(`^config.yaml: ${field.replaceAll(".", "\\.")}: `),
    }),
  );
});

test("a field that does not exist is named, so that a misspelt one is no surprise", () => {
  expect(() => check({ mail: { ratePerMinut: 5 } })).toThrow(/mail: .*ratePerMinut/);
});

test("every wrong field is named at once", () => {
  expect(() => check({ mail: { ratePerMinute: -1 }, runtime: 7 })).toThrow(
    /mail\.ratePerMinute: .*; runtime: /,
  );
});

test("an empty file is refused as a whole", () => {
  expect(() => checkConfig(null, "config.yaml")).toThrow(/config\.yaml: \(file\): /);
});
