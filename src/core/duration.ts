// @ts-types="npm:@types/ms@2.1.0"
import ms from "ms";

/** "90s", "15m", "12h", "7d" or "2w" in milliseconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^[0-9]{1,6}(s|m|h|d|w)$/.test(text)) return undefined;
  return ms(text as ms.StringValue);
}

const units = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]] as const;

/** Milliseconds as one says them, in the largest unit in which they are whole: "366 days", "90 seconds". */
export function sayDuration(time: number): string {
  const [name, length] = units.find(([, length]) => time % length === 0) ?? ["second", 1000];
  const count = Math.floor(time / length);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
