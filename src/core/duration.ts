// @ts-types="npm:@types/ms@2.1.0"
import ms from "ms";

/** "90s", "15m", "12h", "7d" or "2w" in milliseconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^[0-9]{1,6}(s|m|h|d|w)$/.test(text)) return undefined;
  return ms(text as ms.StringValue);
}
