import { describe, expect, it } from "vitest";
import { type InputEvent, KeyParser } from "../../src/adapters/runtimes/scripted/keys.ts";

/** The events of these bytes, read `size` at a time. */
function read(text: string, size = Number.POSITIVE_INFINITY): InputEvent[] {
  const parser = new KeyParser();
  const bytes = Buffer.from(text);
  const events: InputEvent[] = [];
  for (let i = 0; i < bytes.length; i += size)
    events.push(...parser.feed(bytes.subarray(i, i + size)));
  return [...events, ...parser.settle()];
}

const paste = (text: string) => `\u001b[200~${text}\u001b[201~`;

describe("keys", () => {
  it("a paste is one event however its bytes are cut", () => {
    const text = "line 1\nzwei ✓ 👩‍👩‍👧\r\n\u001b[31m not a key \u0003";
    for (let size = 1; size <= 12; size++) {
      const events = read(`a${paste(text)}\r`, size);
      expect(events.filter((e) => e.type === "paste")).toEqual([{ type: "paste", text }]);
      expect(events.at(-1)).toEqual({ type: "key", key: "enter" });
    }
  });

  it("a megabyte of paste is read in linear time", () => {
    const text = "0123456789abcdef".repeat(65_536);
    const started = performance.now();
    expect(read(paste(text), 4096)).toEqual([{ type: "paste", text }]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("a lone ESC is the Escape key only when nothing follows", () => {
    const parser = new KeyParser();
    expect(parser.feed(Buffer.from("\u001b"))).toEqual([]);
    expect(parser.undecided).toBe(true);
    expect(parser.feed(Buffer.from("[A"))).toEqual([{ type: "key", key: "up" }]);
    expect(read("\u001b")).toEqual([{ type: "key", key: "escape" }]);
    expect(read("\u001b\u001b")).toHaveLength(2);
  });

  it("a character cut in two is one character", () => {
    expect(read("é", 1)).toEqual([{ type: "text", text: "é" }]);
  });

  it("unknown sequences are not text", () => {
    expect(read("\u001b[1;5Cx\u001b[<0;1;1M\u001bOP")).toEqual([
      { type: "key", key: "other" },
      { type: "text", text: "x" },
      { type: "key", key: "other" },
      { type: "key", key: "other" },
    ]);
  });
});
