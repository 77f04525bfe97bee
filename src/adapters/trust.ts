import { createHash } from "node:crypto";
import { appendFileSync, lstatSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { listIfThere, readIfThere, writeWhole } from "./files.ts";
import { git, OURS, zeroSplit } from "./git/command.ts";
import { besideGit } from "./git-folder.ts";
import type { Project } from "./project.ts";
import { orderFiles } from "./project-modes.ts";
import { sha256 } from "./sha256.ts";

/** A text of `.overture` that can run programs or speak to agents. */
export interface Order {
  /** As `.overture/roles/builder.md`: from the project's root. */
  name: string;
  text: string;
  /** SHA-256 of name and text, in hex. */
  hash: string;
}

const orderOf = (name: string, text: string): Order => ({
  name,
  text,
  hash: sha256(`${name}\0${text}`),
});

/** The settings, the roles' prompts and the tasks' specifications, as they stand now. */
export function ordersOf({ root }: Project): Order[] {
  return orderFiles(join(root, ".overture")).flatMap((file) => {
    const name = `.overture/${file}`;
    const text = readIfThere(join(root, name));
    return text === undefined ? [] : [orderOf(name, text)];
  });
}

/** What `OV_TRUST` must be for these, whatever their order. */
export const hashOf = (orders: readonly Order[]): string =>
  sha256(
    orders
      .map(({ hash }) => hash)
      .sort()
      .join("\n"),
  );

/**
 * `overture/<project>/trust` below the common git folder: a file a text that was trusted, by its
 * hash. Undefined outside of a repository: nothing comes by git there.
 */
const trustFolder = ({ root }: Project) => besideGit(root, "trust");

const isKnown = (folder: string, { hash }: Order) =>
  statSync(join(folder, hash), { throwIfNoEntry: false }) !== undefined;

/** Keeps these texts as trusted, 0600. Throws the system's error where it may not be written. */
export function trust(project: Project, orders: readonly Order[]): void {
  const folder = trustFolder(project);
  if (folder === undefined) return;
  for (const order of orders) {
    if (isKnown(folder, order)) continue;
    writeWhole(join(folder, order.hash), `${order.name}\n${order.text}`);
  }
}

/**
 * Those that came by git and were never trusted. A text that git tracks, or has in its history, is
 * git's; an edit of one that was trusted, and a text that git has never seen, is the owner's, and is
 * trusted from here on. Starts git, at most three times, only where something is not known yet.
 */
export async function untrusted(project: Project, orders: readonly Order[]): Promise<Order[]> {
  const folder = trustFolder(project);
  if (folder === undefined) return [];
  const unknown = orders.filter((order) => !isKnown(folder, order));
  if (unknown.length === 0) return [];
  const { root } = project;
  const index = await git(root, ["ls-files", "-z", "--", ".overture"], OURS);
  const tree = ["ls-tree", "-r", "-z", "--name-only", "HEAD", "--", ".overture"];
  // 128: no commit yet. That git refuses this repository was said by the call before.
  const head = await git(root, tree, { ...OURS, okCodes: [0, 128] });
  const inIndex = zeroSplit(index.stdout);
  const inHead = head.code === 0 ? zeroSplit(head.stdout) : [];
  const inHistory = await known(root, unknown);
  const tracked = async (order: Order, ref: string, names: readonly string[]) => {
    const above = names.filter((name) => order.name.startsWith(`${name}/`));
    if (above.length > 0) return "git";
    if (!names.includes(order.name)) return "none";
    const path = `${ref}:./${order.name}`;
    const { stdout } = await git(root, ["cat-file", "blob", path], OURS);
    return isKnown(folder, orderOf(order.name, stdout)) ? "trusted" : "git";
  };
  const found: Order[] = [];
  for (const order of unknown) {
    const isGits =
      inHistory.has(order) ||
      leadsIntoCheckout(root, order.name) ||
      (await tracked(order, "", inIndex)) === "git" ||
      (await tracked(order, "HEAD", inHead)) === "git";
    if (isGits) found.push(order);
  }
  keepIfPossible(
    project,
    unknown.filter((order) => !found.includes(order)),
  );
  return found;
}

/** Where the git folder may not be written to, the owner's text is looked at again next time. */
function keepIfPossible(project: Project, orders: readonly Order[]): void {
  try {
    trust(project, orders);
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code) throw error;
  }
}

/** Those whose very text git has as an object. */
async function known(root: string, orders: readonly Order[]): Promise<Set<Order>> {
  const id = (kind: "sha1" | "sha256", text: string) =>
    createHash(kind)
      .update(`blob ${Buffer.byteLength(text)}\0${text}`)
      .digest("hex");
  const ids = orders.flatMap(({ text }) => [id("sha1", text), id("sha256", text)]);
  const { stdout } = await git(root, ["cat-file", "--batch-check"], {
    ...OURS,
    input: `${ids.join("\n")}\n`,
    // Nothing is fetched to answer this.
    env: { GIT_NO_LAZY_FETCH: "1" },
  });
  const lines = stdout.split("\n");
  const has = (line: string | undefined) => / blob \d+$/.test(line ?? "");
  return new Set(
    orders.filter(({ text }, i) => text !== "" && (has(lines[2 * i]) || has(lines[2 * i + 1]))),
  );
}

/** A link to a file of the checkout, which git may have written. */
function leadsIntoCheckout(root: string, name: string): boolean {
  const here = realpathSync(root);
  const real = realpathSync(join(root, name));
  return real !== join(here, name) && real.startsWith(here + sep);
}

/** What changed since the text of this name that was trusted last, as git's diff. */
export async function diffOf(project: Project, { name }: Order): Promise<string> {
  const folder = trustFolder(project);
  const before = folder === undefined ? undefined : newest(folder, name);
  const form = ["diff", "--no-index", "--no-color", "--no-ext-diff", "--no-textconv"];
  const path = join(project.root, name);
  const { stdout } = await git(project.root, [...form, "--", before ?? "/dev/null", path], {
    ...OURS,
    okCodes: [0, 1],
  });
  const body = stdout.slice(Math.max(0, stdout.search(/^@@ /m)));
  // The first line of what is kept is its name.
  const rows = body.split("\n").filter((row) => row !== `-${name}` && row !== "");
  return [`${name}:`, ...rows].join("\n");
}

function newest(folder: string, name: string): string | undefined {
  return listIfThere(folder)
    .map((file) => join(folder, file))
    .filter((path) => readIfThere(path)?.startsWith(`${name}\n`))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The user to whom the folder or a text in it belongs, if it is neither the caller nor one whose
 * folders the caller takes: by sudo, git's `safe.directory` or `nameFolder`.
 */
export async function strangerOf(
  { root, home }: Project,
  orders: readonly Order[],
  env: Variables,
): Promise<number | undefined> {
  const self = process.getuid?.();
  if (self === undefined) return undefined;
  const paths = [home, ...orders.map(({ name }) => join(root, name))];
  const owners = paths.flatMap((path) => [lstatSync(path).uid, statSync(path).uid]);
  const isMine = (uid: number) => uid === self || (self === 0 && env.SUDO_UID === String(uid));
  const stranger = owners.find((uid) => !isMine(uid));
  if (
    stranger === undefined ||
    readIfThere(namedFile(env))?.split("\n").includes(line(root, stranger))
  )
    return undefined;
  return (await isSafe(root)) ? undefined : stranger;
}

/** Settings of the person and of the machine only: those of a repository are a stranger's here. */
async function isSafe(root: string): Promise<boolean> {
  const args = ["config", "--type=path", "-z", "--get-all", "safe.directory"];
  const { stdout } = await git("/", args, { okCodes: [0, 1] });
  return stdout
    .split("\0")
    .slice(0, -1)
    .reduce((isCovered, value) => {
      if (value === "") return false;
      const isAbove = value.endsWith("/*") && root.startsWith(value.slice(0, -1));
      return isCovered || value === "*" || value === root || isAbove;
    }, false);
}

const namedFile = (env: Variables) =>
  join(env.XDG_CONFIG_HOME || join(env.HOME ?? "/", ".config"), "overture", "folders");
const line = (root: string, uid: number) => `${uid} ${JSON.stringify(root)}`;

/** Takes a folder of another user from here on; kept in the person's own settings, 0600. */
export function nameFolder({ root }: Project, uid: number, env: Variables): void {
  const path = namedFile(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  appendFileSync(path, `${line(root, uid)}\n`, { mode: 0o600 });
}
