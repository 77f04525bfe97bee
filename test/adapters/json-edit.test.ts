import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setMember } from "../../src/adapters/json-edit.ts";

const PATH = ["servers", "ours"];
const VALUE = { command: "ov", args: ["mcp"] };

const inner = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const objects = fc
  .record({ before: inner, servers: fc.option(inner, { nil: undefined }), after: inner })
  .map(({ before, servers, after }) => ({ ...before, ...(servers ? { servers } : {}), ...after }))
  .filter(({ servers }) => servers === undefined || isPlain(servers));
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const texts = fc
  .tuple(objects, fc.constantFrom(0, 2, 4, "\t"), fc.constantFrom("", "\n", "\n\n"))
  .map(([object, indent, end]) => JSON.stringify(object, null, indent) + end);

// biome-ignore lint/suspicious/noExplicitAny: any JSON.
const read = (text: string): any => JSON.parse(text);

test("whatever stands there, the member is set and all else is the same", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const before = read(text);
      const servers = { ...before.servers, ours: VALUE };
      expect(read(setMember(text, PATH, VALUE))).toEqual({ ...before, servers });
    }),
  );
});

test("taken out again, every byte is as before, unless it was all there was", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const { servers, ...rest } = read(text);
      fc.pre(servers === undefined ? Object.keys(rest).length > 0 : !("ours" in servers));
      fc.pre(servers === undefined || Object.keys(servers).length > 0);
      expect(setMember(setMember(text, PATH, VALUE), PATH, undefined)).toBe(text);
    }),
  );
});

test("setting it again changes the one value only", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = setMember(text, PATH, VALUE);
      expect(setMember(once, PATH, VALUE)).toBe(once);
      expect(read(setMember(once, PATH, { n: 1 })).servers.ours).toEqual({ n: 1 });
    }),
  );
});

describe("the layout", () => {
  test("of a file with tabs has tabs", () => {
    const text = '{\n\t"a": [1, 2],\n\t"servers": {\n\t\t"x": {"k": 1}\n\t}\n}\n';
    expect(setMember(text, PATH, VALUE)).toBe(
      '{\n\t"a": [1, 2],\n\t"servers": {\n\t\t"x": {"k": 1},\n\t\t"ours": {\n\t\t\t"command": "ov",\n\t\t\t"args": [\n\t\t\t\t"mcp"\n\t\t\t]\n\t\t}\n\t}\n}\n',
    );
  });
  test("of one line stays one line", () => {
    const after = setMember('{"a":1}', PATH, VALUE);
    expect(after).toBe('{"a":1, "servers": {"ours":{"command":"ov","args":["mcp"]}}}');
  });
  test("of an empty object begins with two blanks", () => {
    expect(setMember("{}\n", ["a"], 1)).toBe('{\n  "a": 1\n}\n');
  });
});
