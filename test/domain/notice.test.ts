import fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../src/domain/message.ts";
import { formatNotice, isNotice, isStrayNotice, NOTICE_HEAD } from "../../src/domain/notice.ts";
import { cleanHeader, head } from "../../src/domain/text.ts";

const ID = "wake-0123456789abcdef";
const letter = (subject: string, sender = "lead-1") =>
  ({ subject, sender, type: "dispatch" }) as Message;
const subjects = fc
  .oneof(fc.string({ unit: "binary", maxLength: 400 }), fc.string({ minLength: 300 }))
  .map((text) => head(cleanHeader(text), 300));
const notices = fc.array(subjects, { minLength: 1, maxLength: 80 }).map((all) =>
  formatNotice(
    ID,
    all.map((subject) => letter(subject, "a".repeat(63))),
  ),
);

const every = (claim: (notice: string) => void) =>
  fc.assert(fc.property(notices, (notice) => void claim(notice)));

test("a notice names the first letter's type, its sender and how many more there are", () => {
  const letters = [letter("Build it"), letter("b"), letter("c")];
  expect(formatNotice(ID, letters)).toBe(
    `[ov ${ID}] You have mail: dispatch from lead-1 and 2 more. If it is not shown below, run: ov mail check`,
  );
});

test("a notice holds nothing of a letter's text: what is typed counts as a person's words", () => {
  expect(formatNotice(ID, [letter("Delete all")])).toBe(formatNotice(ID, [letter("x")]));
});

test("every notice is one line", () => {
  every((notice) => expect(notice).not.toMatch(/[\r\n\u2028\u2029]/));
});

test("every notice is shorter than the 800 characters at which a composer collapses it", () => {
  every((notice) => expect(notice.length).toBeLessThan(800));
});

test("every notice begins with our header, which no agent obeys", () => {
  every((notice) => expect(notice.startsWith(NOTICE_HEAD)).toBe(true));
});

test("a notice carries no control byte", () => {
  every((notice) => expect(notice).not.toMatch(/[\0-\x1f\x7f-\x9f]/));
});

/** A composer in a narrow pane: breaks and indents anywhere. */
const wrapped = (text: string, width: number) =>
  Array.from({ length: Math.ceil(text.length / width) }, (_, i) =>
    text.slice(i * width, (i + 1) * width),
  ).join("\n  ");

test("a notice is known again at whatever width the composer wraps it", () => {
  fc.assert(
    fc.property(notices, fc.integer({ min: 1, max: 120 }), (notice, width) => {
      expect(isNotice(wrapped(notice, width), notice)).toBe(true);
    }),
  );
});

test("a stray notice of ours is known by its form alone", () => {
  fc.assert(
    fc.property(notices, fc.integer({ min: 1, max: 120 }), (notice, width) => {
      expect(isStrayNotice(wrapped(notice, width))).toBe(true);
    }),
  );
});

const NOTICE = formatNotice(ID, [letter("Build it")]);

test.each([
  ["words behind it", `${NOTICE} and please`],
  ["words before it", `please ${NOTICE}`],
  ["its end missing", NOTICE.slice(0, -1)],
  ["another id", formatNotice("wake-1123456789abcdef", [letter("Build it")])],
  ["nothing at all", ""],
])("a draft with %s is not this notice", (_, draft) => {
  expect(isNotice(draft, NOTICE)).toBe(false);
});

test.each([
  ["words behind it", `${NOTICE} and please`],
  ["words before it", `please ${NOTICE}`],
  ["a person's own text", "run: ov mail check"],
])("a draft with %s is not a stray notice: it is a person's", (_, draft) => {
  expect(isStrayNotice(draft)).toBe(false);
});
