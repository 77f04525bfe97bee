import { expect, test } from "vitest";
import { type Directory, resolveAddress } from "../../src/domain/address.ts";

const agent = (name: string, role: string, addressable = true) => ({ name, role, addressable });
const DIR: Directory = {
  agents: [
    agent("orchestrator", "none", false),
    agent("overture", "none", false),
    agent("lead-1", "lead"),
    agent("bo", "builder"),
    agent("ann", "builder"),
    agent("script", "none", false),
  ],
  groups: new Map([
    ["docs", ["ann", "lead-1"]],
    ["empty", []],
    ["solo", ["bo"]],
    ["past", ["bo", "gone-1"]],
  ]),
};
const to = (address: string, sender = "orchestrator") => resolveAddress(address, sender, DIR);

test("a name is that agent", () => {
  expect(to("bo")).toEqual(["bo"]);
});

test("a comma list is all of its names once, in name order", () => {
  expect(to("lead-1, bo ,bo,,ann")).toEqual(["ann", "bo", "lead-1"]);
});

test("@all is the whole team, without names that only ever sent mail", () => {
  expect(to("@all")).toEqual(["ann", "bo", "lead-1"]);
});

test.each(["@builder", "@builders"])("%s is everyone with the role", (address) => {
  expect(to(address)).toEqual(["ann", "bo"]);
});

test.each(["@docs", "docs"])("%s is the named group", (address) => {
  expect(to(address)).toEqual(["ann", "lead-1"]);
});

test("groups and names mix in a list", () => {
  expect(to("@docs,bo")).toEqual(["ann", "bo", "lead-1"]);
});

test.each(["@all", "@builders", "@docs", "docs"])("the sender gets no copy through %s", (group) => {
  expect(to(group, "ann")).not.toContain("ann");
});

test("a letter to oneself by name is allowed", () => {
  expect(to("bo", "bo")).toEqual(["bo"]);
});

test("orchestrator is a recipient even when nobody is registered", () => {
  expect(resolveAddress("orchestrator", "bo", { agents: [], groups: new Map() })).toEqual([
    "orchestrator",
  ]);
});

test("a sender that is not registered can still be answered", () => {
  expect(to("script")).toEqual(["script"]);
});

test.each(["@empty", "empty"])("the empty group %s is refused", (address) => {
  expect(() => to(address)).toThrow(expect.objectContaining({ kind: "refused" }));
});

test("a group whose only member sends is refused, never silence", () => {
  expect(() => to("@solo", "bo")).toThrow(/no member but the sender/);
});

test("@all of an empty team is refused", () => {
  const empty = { agents: [], groups: new Map() };
  expect(() => resolveAddress("@all", "bo", empty)).toThrow(
    expect.objectContaining({ kind: "refused" }),
  );
});

test("a group's member that is no longer known gets nothing", () => {
  expect(to("@past")).toEqual(["bo"]);
});

test("an unknown name is not found, and the error lists who there is", () => {
  expect(() => to("bob")).toThrow(
    expect.objectContaining({
      kind: "not_found",
      message: 'unknown recipient "bob"',
      hint: 'did you mean "bo"? known: orchestrator, lead-1, bo, ann, script, @all, @leads, @builders, @docs, @empty, @solo, @past',
    }),
  );
});

test("an unknown group is not found, and the error lists the groups", () => {
  expect(() => to("@doc")).toThrow(
    expect.objectContaining({ kind: "not_found", message: 'unknown group "@doc"' }),
  );
});

test.each(["ann,nobody", "@docs,@nobody"])("one unknown part of %s refuses the whole", (list) => {
  expect(() => to(list)).toThrow(/nobody/);
});

test.each(["", " ", ",,"])("an empty address (%j) is wrong usage", (address) => {
  expect(() => to(address)).toThrow(expect.objectContaining({ kind: "usage" }));
});

test("@ alone names no group", () => {
  expect(() => to("@")).toThrow(expect.objectContaining({ kind: "not_found" }));
});

test("a name is never matched by its beginning", () => {
  expect(() => to("lead")).toThrow(expect.objectContaining({ kind: "not_found" }));
});

test("overture writes letters and reads none: mail to it is refused, not lost", () => {
  expect(() => to("overture")).toThrow(expect.objectContaining({ kind: "refused" }));
});
