import type { z } from "zod";

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
};

const units: Readonly<Record<string, string>> = { string: "character", array: "item" };

/** Why a value will not do, in words for people; schemas that say something of their own are not asked. */
export const reasonOf: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type": {
      const kind = kinds[issue.expected];
      if (kind === undefined) return "This is of the wrong kind.";
      return issue.input === undefined ? `This is missing; it must be ${kind}.` : `This must be ${kind}.`;
    }
    case "invalid_value":
      return `Use ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}.`;
    case "too_small":
      return `At least ${counted(issue.minimum, issue.origin)}.`;
    case "too_big":
      return `At most ${counted(issue.maximum, issue.origin)}.`;
    default:
      return "This will not do here.";
  }
};

function counted(count: number | bigint, origin: string): string {
  const unit = units[origin];
  return count.toLocaleString("en") + (unit === undefined ? "" : ` ${unit}${count == 1 ? "" : "s"}`);
}
