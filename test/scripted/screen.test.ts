import { describe, expect, it } from "vitest";
import { BANNER, renderFrame, type View } from "../../src/adapters/runtimes/scripted/screen.ts";
import { columns, wrapWords } from "../../src/adapters/runtimes/scripted/wrap.ts";

const idle: View = {
  entries: [],
  draft: "",
  placeholder: "",
  busyFor: null,
  queued: [],
  dialog: null,
  hint: "",
};
const bare = (rows: string[]) => rows.map((row) => row.replace(/\u001b\[[\d;]*m/g, ""));

describe("a frame", () => {
  it("says that no model is behind it", () => {
    expect(BANNER).toBe("Overture scripted agent · no model");
    expect(bare(renderFrame(idle, 80, 10).rows)[0]).toBe(BANNER);
  });

  it("has the cursor at the draft's end", () => {
    const frame = renderFrame({ ...idle, draft: "one\ntwo 漢" }, 40, 10);
    expect(bare(frame.rows).slice(-5, -1)).toEqual([
      "─".repeat(40),
      "❯\u00a0one",
      "  two 漢",
      "─".repeat(40),
    ]);
    expect(frame.cursor).toEqual({ x: 8, y: 7 });
  });

  it("fits any size from 20 columns and 3 rows up, in every state", () => {
    const entries: View["entries"] = [
      { kind: "prompt", text: "a long prompt ".repeat(30) },
      { kind: "answer", text: "漢字かな👍 ".repeat(40) },
      { kind: "note", text: "\u001b[31mred\u001b[0m\toutput\n".repeat(9) },
    ];
    const states: View[] = [
      { ...idle, entries },
      { ...idle, entries, draft: "draft 👍 ".repeat(60), busyFor: 3, queued: ["x ".repeat(50)] },
      { ...idle, entries, dialog: { command: "echo ".repeat(80), selected: 1 } },
    ];
    for (const view of states) {
      for (const [width, height] of [
        [20, 3],
        [20, 8],
        [33, 12],
        [100, 30],
        [200, 5],
      ] as const) {
        const { rows, cursor } = renderFrame(view, width, height);
        expect(rows).toHaveLength(height);
        for (const row of bare(rows)) expect(columns(row)).toBeLessThanOrEqual(width);
        expect(cursor.x).toBeLessThan(width);
        expect(cursor.y).toBeLessThan(height);
      }
    }
  });

  it("a dialog takes the composer's place", () => {
    const frame = renderFrame({ ...idle, dialog: { command: "date", selected: 0 } }, 60, 20);
    const rows = bare(frame.rows);
    expect(rows.join("\n")).not.toContain("❯\u00a0");
    expect(rows[frame.cursor.y]).toBe(" ❯ 1. Yes");
    expect(rows.at(-1)).toBe(" Esc to cancel · Tab to amend");
  });

  it("breaks between words", () => {
    expect(wrapWords("one two three", 8)).toEqual(["one two ", "three"]);
    expect(wrapWords("onetwothree", 4)).toEqual(["onet", "woth", "ree"]);
  });
});
