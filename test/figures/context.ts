import { join } from "node:path";
import { claudeKit } from "../agents/claude-room.ts";
import { setTheStage } from "../agents/stage.ts";
import type { RequestLog } from "../model/server.ts";

/**
 * What a real Claude Code that `ov sling` started sends with its first request and one that was
 * started by hand, in the same worktree with the same prompt, does not, and the other way round.
 */
export async function figure(): Promise<void> {
  const { room, model, strike } = await setTheStage(claudeKit);
  try {
    const slung = model.main()[0]!;
    await room.ov(["stop", "bo"]);
    const before = model.requests.length;
    const { command, args } = claudeKit.prepare({
      dir: join(room.base, "home"),
      trusted: [room.root],
      modelUrl: model.url,
    });
    const worktree = join(room.root, ".overture", "worktrees", "bo");
    const env = Object.entries(room.env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
    const program = [command, ...args, "--", "hello"];
    room.tmux("new-session", "-d", "-s", "hand", "-c", worktree, ...env, ...program);
    const bare = await model.waitFor((one) => one.kind === "main" && one.n > before);
    const ours = extra(slung, bare);
    for (const line of ours) console.log(`+ ${line}`);
    for (const line of extra(bare, slung)) console.log(`- ${line}`);
    const size = (lines: readonly string[]) => lines.join("\n").length;
    console.log(`the request by hand  ${size(linesOf(bare))} characters`);
    console.log(
      `what is ours in it   ${size(ours)} characters, ≤ ${Math.ceil(size(ours) / 3)} tokens`,
    );
  } finally {
    await strike();
  }
}

/** Lines of the one request that the other does not have, each as often as it has it more. */
function extra(one: RequestLog, other: RequestLog): string[] {
  const left = linesOf(other);
  return linesOf(one).filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Every text that the model reads: system, tools, messages. */
function linesOf({ body }: RequestLog): string[] {
  const { system, tools, messages } = body as Record<string, unknown>;
  const lines = textsOf([system, tools, messages]).flatMap((text) => text.split("\n"));
  // A hash of the first prompt is in it.
  return lines.filter((line) => !line.startsWith("x-anthropic-billing-header:"));
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}
