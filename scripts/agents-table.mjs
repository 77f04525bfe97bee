// The page docs/agents.md from what the contract said; rows of other versions stay.

const HEAD = `# Real agents, by version

Written by \`scripts/agents\`, which runs the contract of \`test/agents/contract.ts\` over the pinned and the newest version of each agent on npm: the real program in tmux against a model on the same machine. CI runs the pinned ones.

A letter goes by the door that is named: \`bell\` is the program's own door, \`prompt\`, \`tool\` and \`stop\` are hooks, \`type\` is the guarded paste of the letter. Texts are the seventeen kinds of \`test/agents/texts.ts\`, byte for byte.

`;
const COLUMNS = [
  "agent",
  "version",
  "date",
  "idle",
  "in a tool",
  "at its stop",
  "dialog",
  "draft",
  "reader",
  "texts",
  "all",
];

const passed = (tests, pattern) => {
  const those = tests.filter(({ title }) => pattern.test(title));
  const good = those.filter(({ status }) => status === "passed").length;
  return those.length > 0 && good === those.length ? true : `${good} of ${those.length}`;
};
const word = (value, yes) => (value === true ? yes : value);
const DOORS = {
  "hook:UserPromptSubmit": "prompt",
  "hook:PostToolUse": "tool",
  "hook:Stop": "stop",
};

function cells({ runtime, version, date, tests, doors }) {
  const by = (when, pattern) => {
    const door = doors.find((one) => one.when === when)?.door ?? "-";
    return word(passed(tests, pattern), DOORS[door] ?? door);
  };
  const texts = /byte for byte, once$|is given the beginning/;
  const good = tests.filter(({ status }) => status === "passed").length;
  return [
    runtime,
    version,
    date,
    by("idle", /^a letter to an idle agent/),
    by("tool", /^a letter in the middle of a tool call/),
    by("stop", /^a letter to an agent that is about to stop/),
    word(passed(tests, /^an open dialog/), "held, not answered"),
    word(passed(tests, /^a half-typed draft/), "unchanged"),
    word(passed(tests, /^copy mode/), "not disturbed"),
    word(passed(tests, texts), `${tests.filter(({ title }) => texts.test(title)).length}`),
    `${good} of ${tests.length}`,
  ];
}

const line = (row) => `| ${row.join(" | ")} |`;

/** `page`: as it was; `runs`: one for each agent and version. */
export function table(page, runs) {
  const fresh = runs.map(cells);
  const old = page
    .split("\n")
    .filter((text) => /^\| [a-z]+ \| \d/.test(text))
    .map((text) => text.slice(2, -2).split(" | "))
    .filter(([agent, version]) => !fresh.some((row) => row[0] === agent && row[1] === version));
  const order = (a, b) =>
    a[0].localeCompare(b[0]) || a[1].localeCompare(b[1], "en", { numeric: true });
  const rows = [...old, ...fresh].sort(order).map(line);
  return `${HEAD}${[line(COLUMNS), line(COLUMNS.map(() => "---")), ...rows].join("\n")}\n`;
}
