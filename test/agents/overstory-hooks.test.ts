import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { claudeKit } from "./claude-room.ts";
import { type Stage, setTheStage } from "./stage.ts";

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.strike();
  stage = undefined;
});

/** What Overstory puts before each line, and the lines by which its hooks call `ov`. */
const GUARD = '[ -z "$OVERSTORY_AGENT_NAME" ] && exit 0;';
const LINES: Record<string, string[]> = {
  SessionStart: ["ov prime --agent bo"],
  UserPromptSubmit: ["ov mail check --inject --agent bo"],
  PreToolUse: ["ov log tool-start --agent bo --stdin"],
  PostToolUse: [
    "ov log tool-end --agent bo --stdin",
    "ov mail check --inject --agent bo --debounce 500",
  ],
  Stop: ["ov log session-end --agent bo --stdin"],
  PreCompact: ["ov prime --agent bo --compact"],
};

/** Claude Code in whose own settings the hooks of Overstory still are. */
const kit = {
  ...claudeKit,
  prepare(place: Parameters<typeof claudeKit.prepare>[0]) {
    const home = claudeKit.prepare(place);
    const hooks = Object.fromEntries(
      Object.entries(LINES).map(([event, lines]) => {
        const commands = lines.map((line) => ({ type: "command", command: `${GUARD} ${line}` }));
        return [event, [{ matcher: "", hooks: commands }]];
      }),
    );
    mkdirSync(join(place.dir, ".claude"), { recursive: true });
    const settings = { permissions: { allow: ["Bash"] }, hooks };
    writeFileSync(join(place.dir, ".claude", "settings.json"), JSON.stringify(settings));
    return home;
  },
};

test.skipIf(!kit.installed() && process.env.OV_SKIP_AGENTS === "1")(
  "beside the hooks of Overstory an agent does its work, and nothing is blocked",
  async () => {
    stage = await setTheStage(kit);
    const { room } = stage;
    await stage.prompt("RUN: touch made-beside-old-hooks");
    const made = join(room.root, ".overture", "worktrees", "bo", "made-beside-old-hooks");
    await expect.poll(() => existsSync(made), { timeout: 60_000 }).toBe(true);
    await stage.is("idle");
    const { events } = await room.json("logs", "--kind", "hook.log", "--agent", "bo");
    const said = events.map(({ data }: { data: { what: string } }) => data.what);
    for (const what of ["tool-start", "tool-end", "session-end"]) expect(said).toContain(what);
    expect((await room.json("logs", "--kind", "hook.failed")).events).toEqual([]);
    await stage.seen(await stage.send("plum-5531"));
    expect(stage.reached("plum-5531")).toBe(1);
  },
  240_000,
);
