import { describe, expect, it } from "vitest";
import { Composer } from "../../src/adapters/runtimes/scripted/composer.ts";

function pasted(text: string): Composer {
  const composer = new Composer();
  composer.paste(text);
  return composer;
}

describe("composer", () => {
  it("three lines of 800 characters stay as they are", () => {
    const text = `a\n${"b".repeat(796)}\nc`;
    expect(pasted(text).draft).toBe(text);
  });

  it("four lines collapse and are whole at submit", () => {
    const composer = pasted("1\n2\n3\n4");
    expect(composer.draft).toBe("[Pasted text #1 +3 lines]");
    expect(composer.take()).toBe("1\n2\n3\n4");
    expect(composer.draft).toBe("");
  });

  it("a line of 801 characters collapses without a line count", () => {
    expect(pasted("x".repeat(801)).draft).toBe("[Pasted text #1]");
  });

  it("a token that a person typed is only text", () => {
    const composer = new Composer();
    composer.type("[Pasted text #1 +3 lines]");
    expect(composer.take()).toBe("[Pasted text #1 +3 lines]");
  });

  it("backspace takes a token, or one character, whole", () => {
    const composer = pasted("1\n2\n3\n4");
    composer.type("é👍");
    composer.backspace();
    expect(composer.draft).toBe("[Pasted text #1 +3 lines]é");
    composer.backspace();
    composer.backspace();
    expect(composer.draft).toBe("");
  });

  it("tabs become blanks; invisible marks and trailing blanks go", () => {
    expect(pasted("a\tb\u202ec\u200bd\r\n  e  \n").take()).toBe("a    bcd\n  e");
  });

  it("restored text stands before what was typed since", () => {
    const composer = new Composer();
    composer.type("later");
    composer.restore("earlier");
    expect(composer.take()).toBe("earlier\nlater");
  });
});
