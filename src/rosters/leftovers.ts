/** Leftovers that Prosody passes over are no reason to lose a contact. */
export function asKept(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { name, groups, ask, approved, subscription } = value as Partial<Record<string, unknown>>;
  if (!ask && !approved && !hasControl(name) && !(Array.isArray(groups) && groups.some(isUntidy))) {
    return value;
  }
  const [isTo, isFrom] = [
    subscription === "to" || subscription === "both",
    subscription === "from" || subscription === "both",
  ];
  return {
    ...value,
    name: flatten(name),
    groups: Array.isArray(groups) ? groups.map(flatten).filter((group) => group !== "") : groups,
    ask: ask === "subscribe" && isTo ? undefined : ask,
    approved: approved === true && isFrom ? false : approved,
  };
}

/** Line breaks as clients like them. */
const flatten = (text: unknown) => hasControl(text) ? text.replace(controls, " ") : text;
const hasControl = (text: unknown): text is string => typeof text === "string" && control.test(text);
const isUntidy = (group: unknown) => group === "" || hasControl(group);
// deno-lint-ignore no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/;
const controls = new RegExp(`${control.source}+`, "g");
