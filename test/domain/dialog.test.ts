import { expect, test } from "vitest";
import { type Dialog, findOption, sameDialog } from "../../src/domain/dialog.ts";

const dialog = (...labels: string[]): Dialog => ({
  kind: "permission",
  question: "Do you want to proceed?",
  options: labels.map((label, i) => ({ label, selected: i === 0 })),
});
const YES_NO = dialog("Yes", "Yes, and always allow", "No");

test.each([
  ["1", 0],
  ["3", 2],
  ["yes", 0],
  ["No", 2],
  ["Yes, and", 1],
  [" no ", 2],
])("the word %j is option %i of Yes, Yes and always, No", (word, index) => {
  expect(findOption(YES_NO, word)).toBe(index);
});

test.each([
  ["4", "is no option"],
  ["0", "is no option"],
  ["y", "more than one"],
  ["", "is no option"],
  ["maybe", "is no option"],
])("the word %j is refused, and the options are listed", (word, why) => {
  try {
    findOption(YES_NO, word);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ message: expect.stringContaining(why) });
    expect(error).toHaveProperty("hint", "1. Yes; 2. Yes, and always allow; 3. No");
  }
});

test("a label that is a number means itself before its place", () => {
  expect(findOption(dialog("3", "2", "1"), "1")).toBe(2);
});

test("a dialog is the same with another option marked, and not with another question", () => {
  const moved = { ...YES_NO, options: YES_NO.options.map((o, i) => ({ ...o, selected: i === 1 })) };
  expect(sameDialog(YES_NO, moved)).toBe(true);
  expect(sameDialog(YES_NO, { ...YES_NO, question: "Another?" })).toBe(false);
  expect(sameDialog(YES_NO, dialog("Yes", "No"))).toBe(false);
});
