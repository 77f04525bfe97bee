import fc from "fast-check";
import { expect, test } from "vitest";
import {
  AGENT_STATES,
  deriveState,
  FACT_SOURCES,
  type Fact,
  QUIET_MS,
  quiet,
  STALE_MS,
  STARTING_MS,
} from "../../src/domain/state.ts";

/** `screen idle` as a fact. */
function fact(words: string): Fact {
  const [source, state] = words.split(" ") as [Fact["source"], Fact["state"]];
  return { source, state, detail: words, at: 0 };
}
const OLD = STARTING_MS + 1;
const derive = (words: readonly string[], age = OLD) =>
  deriveState(
    words.map((text) => ({ ...fact(text), at: age })),
    0,
    age,
  );

const ALIVE = "process unknown";

const CASES: [string, string[], string][] = [
  ["nothing is known", [], "unknown"],
  ["only the process is known to live", [ALIVE], "unknown"],
  ["the screen cannot be read", [ALIVE, "screen unknown"], "unknown"],
  [
    "the runtime says idle and the screen cannot be read",
    ["runtime idle", "screen unknown"],
    "unknown",
  ],
  ["the runtime says idle and there is no screen", [ALIVE, "runtime idle"], "unknown"],
  ["a stop hook has run and nothing else is known", [ALIVE, "hook idle"], "unknown"],
  ["the screen is idle", [ALIVE, "screen idle"], "idle"],
  ["screen and runtime are idle", [ALIVE, "runtime idle", "screen idle"], "idle"],
  ["the runtime is busy under an idle screen", ["runtime busy", "screen idle"], "busy"],
  ["the screen is busy under an idle runtime", ["runtime idle", "screen busy"], "busy"],
  ["the runtime is busy and the screen cannot be read", ["runtime busy", "screen unknown"], "busy"],
  ["a dialog is open on an idle runtime", ["runtime idle", "screen waiting"], "waiting"],
  ["a dialog is open on a busy runtime", ["runtime busy", "screen waiting"], "waiting"],
  ["the runtime waits under an idle screen", ["runtime waiting", "screen idle"], "waiting"],
  ["the screen shows that it compacts", ["runtime busy", "screen compacting"], "compacting"],
  ["the transcript is in a turn", ["transcript busy", "screen idle"], "busy"],
  ["the transcript's turn is over", ["transcript idle", "screen idle"], "idle"],
  ["an error stands on an idle screen", ["runtime idle", "screen error"], "error"],
  ["the runtime still starts under an idle screen", ["runtime starting", "screen idle"], "unknown"],
  ["the process is dead under an idle screen", ["process dead", "screen idle"], "dead"],
  ["the process has exited in the middle of a turn", ["process exited", "runtime busy"], "exited"],
  ["the process is dead with a dialog open", ["process dead", "screen waiting"], "dead"],
];

test.each(CASES)("when %s, %j is %s", (_, facts, state) => {
  expect(derive(facts).state).toBe(state);
});

test.each(CASES)("when %s, the order of the facts %j changes nothing", (_, facts, state) => {
  expect(derive(facts.toReversed()).state).toBe(state);
});

test("a young session that shows nothing is starting", () => {
  expect(derive([ALIVE], STARTING_MS - 1).state).toBe("starting");
});

test("a session that shows nothing for a minute is unknown", () => {
  expect(derive([ALIVE], STARTING_MS).state).toBe("unknown");
});

test("a young session with an idle screen is idle", () => {
  expect(derive([ALIVE, "screen idle"], 10).state).toBe("idle");
});

test("only a process can say that an agent has ended", () => {
  expect(derive(["screen dead", "hook exited"]).state).toBe("unknown");
});

test("the fact that decided is given with its words", () => {
  expect(derive(["process dead", "screen idle"])).toMatchObject({
    detail: "process dead",
    by: { source: "process" },
  });
});

const anyFacts = fc.array(
  fc.record({
    source: fc.constantFrom(...FACT_SOURCES),
    state: fc.constantFrom(...AGENT_STATES),
    detail: fc.constant("x"),
    at: fc.nat(),
  }),
  { maxLength: 6 },
);

test("no set of facts is idle without a source that says idle", () => {
  fc.assert(
    fc.property(anyFacts, fc.nat({ max: 2 * STARTING_MS }), (facts, age) => {
      const idle = deriveState(facts, 0, age).state === "idle";
      if (idle) expect(facts.some((f) => f.state === "idle")).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("no set of facts is idle while the runtime or the screen is busy, waiting or in error", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const one = facts.filter((f, i) => facts.findIndex((g) => g.source === f.source) === i);
      const loud = one.some(({ source, state }) => {
        const speaks = source === "runtime" || source === "screen";
        return speaks && ["busy", "waiting", "error"].includes(state);
      });
      const fresh = one.map((f) => ({ ...f, at: OLD }));
      if (loud) expect(deriveState(fresh, 0, OLD).state).not.toBe("idle");
    }),
    { numRuns: 3000 },
  );
});

test("an agent that has taken no prompt yet is starting, though it says idle", () => {
  const facts: Fact[] = [
    { source: "runtime", state: "idle", detail: "status idle", at: 1_100 },
    { source: "screen", state: "idle", detail: "at its prompt", at: 1_200 },
    { source: "hook", state: "starting", detail: "no prompt yet", at: 1_000 },
  ];
  expect(deriveState(facts, 1_000, 1_200).state).toBe("starting");
  expect(deriveState(facts, 1_000, 1_000 + STARTING_MS).state).toBe("idle");
});

test("a prompt's hook is newer evidence than the runtime's file, for a moment", () => {
  const facts: Fact[] = [
    { source: "runtime", state: "idle", detail: "status idle", at: 1_000 },
    { source: "screen", state: "idle", detail: "at its prompt", at: 2_100 },
    { source: "hook", state: "busy", detail: "last hook UserPromptSubmit", at: 2_000 },
  ];
  expect(deriveState(facts, 0, 2_100).state).toBe("busy");
  expect(deriveState(facts, 0, 6_000).state).toBe("idle");
  const later = facts.map((f) => (f.source === "runtime" ? { ...f, at: 2_050 } : f));
  expect(deriveState(later, 0, 2_100).state).toBe("idle");
});

/** Facts of a program whose word is `age` ms old, under a calm screen now. */
const stale = (state: Fact["state"], age: number, hook: Fact[] = []): Fact[] => [
  { source: "runtime", state, detail: `status ${state}`, at: 100_000 - age },
  { source: "screen", state: "idle", detail: "at its prompt", at: 100_000 },
  ...hook,
];
const stop = (at: number): Fact => ({
  source: "hook",
  state: "idle",
  detail: "last hook Stop",
  at,
});

test("waiting ends by the program's word, or by a composer that has been calm since", () => {
  expect(deriveState(stale("waiting", STALE_MS), 0, 100_000).state).toBe("waiting");
  expect(deriveState(stale("waiting", STALE_MS + 1), 0, 100_000).state).toBe("idle");
  expect(deriveState(stale("idle", 0), 0, 100_000).state).toBe("idle");
});

test("busy ends by the program's word, or by a stop after it under a calm screen", () => {
  const over = stale("busy", 60_000, [stop(50_000)]);
  expect(deriveState(stale("busy", 60_000), 0, 100_000).state).toBe("busy");
  expect(deriveState(over, 0, 100_000).state).toBe("idle");
  expect(deriveState(stale("busy", 60_000, [stop(39_999)]), 0, 100_000).state).toBe("busy");
  expect(deriveState(stale("idle", 0), 0, 100_000).state).toBe("idle");
});

test("a turn without a new line is told as quiet, with the tool that runs, and stays busy", () => {
  const facts = (detail: string): Fact[] => [
    { source: "runtime", state: "busy", detail: "status busy", at: 0 },
    { source: "transcript", state: "unknown", detail, at: 0 },
  ];
  expect(quiet("busy", facts("tool Bash runs"), QUIET_MS - 1)).toBeUndefined();
  expect(quiet("busy", facts("tool Bash runs"), 720_000)).toBe(
    "tool Bash runs, nothing new for 12m",
  );
  expect(quiet("busy", facts("no tool runs"), 720_000)).toBe("no tool runs, nothing new for 12m");
  expect(quiet("idle", facts("no tool runs"), 720_000)).toBeUndefined();
});
