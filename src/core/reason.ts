/**
 * Why the operating system or the runtime would not do something with a file, in words that go on a sentence without
 * a full stop: theirs name calls, numbers and flags that mean nothing to who runs a command.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name !== "NotCapable") return error.message.replace(technical, "");
  const [, access, what] = /^Requires (\w+) access to (".*"|[^,]+)/.exec(error.message) ?? [];
  if (access === undefined) return "this program may not do that here";
  return `this program was started without the right to ${verbs[access] ?? access} ${what}`;
}

const verbs: Record<string, string> = { net: "reach", env: "see the variable", all: "touch", sys: "ask for" };

/** What Deno says around the reason, and what Node does. */
const technical = /^E[A-Z]+: | \(os error \d+\)(: .*)?$|, [a-z]+ '.*'$|\.$/gs;
