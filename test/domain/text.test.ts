import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanBody, cleanHeader, head } from "../../src/domain/text.ts";

const UNITS = fc.string({ unit: "binary", maxLength: 200 });
/** Control bytes, line breakers, bidi marks and lone surrogates are what the rules are about. */
const HOSTILE = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xa0 }),
      fc.constantFrom(0x61c, 0x2028, 0x2029, 0x202e, 0x2066, 0xd800, 0xdc00, 0xfeff),
      fc.integer({ min: 0, max: 0xffff }),
    ),
    { maxLength: 60 },
  )
  .map((codes) => String.fromCharCode(...codes));
const ANY = fc.oneof(UNITS, HOSTILE);

test.each([
  ["ESC of a paste end", "a\x1b[201~b", "a[201~b"],
  ["NUL", "a\0b", "ab"],
  ["BEL and backspace", "a\x07\bb", "ab"],
  ["DEL", "a\x7fb", "ab"],
  ["a C1 control sequence introducer", "a\x9b31mb", "a31mb"],
  ["NEL", "a\x85b", "ab"],
  ["vertical tab and form feed", "a\v\fb", "ab"],
])("a body loses %s", (_, dirty, clean) => {
  expect(cleanBody(dirty)).toBe(clean);
});

test("a body keeps newlines and tabs", () => {
  expect(cleanBody("a\n\tb\n")).toBe("a\n\tb\n");
});

test("CR LF and a lone CR become newlines", () => {
  expect(cleanBody("a\r\nb\rc")).toBe("a\nb\nc");
});

test("a lone surrogate becomes the replacement character", () => {
  expect(cleanBody("a\ud800b\udc00")).toBe("a\ufffdb\ufffd");
});

test("an emoji of several joined code points stays whole", () => {
  expect(cleanBody("👩‍👩‍👧")).toBe("👩‍👩‍👧");
});

test("no cleaned body holds a control but newline and tab", () => {
  fc.assert(
    fc.property(ANY, (text) => {
      expect(cleanBody(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }),
    { numRuns: 2000 },
  );
});

test("cleaning a body twice changes nothing more", () => {
  fc.assert(
    fc.property(ANY, (text) => {
      expect(cleanBody(cleanBody(text))).toBe(cleanBody(text));
    }),
    { numRuns: 2000 },
  );
});

test("a header is one line, whatever breaks lines in it", () => {
  fc.assert(
    fc.property(ANY, (text) => {
      expect(cleanHeader(text)).not.toMatch(/[\n\r\t\v\f\x85\u2028\u2029]/);
    }),
    { numRuns: 2000 },
  );
});

test("a header has no bidirectional marks, which could show it backwards", () => {
  expect(cleanHeader("pay \u202egnp.exe\u202c \u2066x\u2069 \u200ey\u200f\u061c")).toBe(
    "pay gnp.exe x y",
  );
});

test("cleaning a header twice changes nothing more", () => {
  fc.assert(
    fc.property(ANY, (text) => {
      expect(cleanHeader(cleanHeader(text))).toBe(cleanHeader(text));
    }),
    { numRuns: 2000 },
  );
});

test("a header's breaks become one blank, and its ends are trimmed", () => {
  expect(cleanHeader("\n one\n\n\ttwo \n")).toBe("one two");
});

test("a cut never leaves half a character", () => {
  expect(head("ab😀", 3)).toBe("ab");
});

test("a text that fits is not cut", () => {
  expect(head("ab😀", 4)).toBe("ab😀");
});
