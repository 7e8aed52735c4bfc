/** What people run apps on. */
export const platforms = ["android", "ios", "macos", "windows", "linux", "web"] as const;
export type Platform = typeof platforms[number];

/** The first that fits: an Android says Linux too, and an iPhone says Mac OS X. */
const signs: readonly [RegExp, Platform][] = [
  [/android/i, "android"],
  [/iphone|ipad|ipod/i, "ios"],
  [/macintosh|mac os x|macos/i, "macos"],
  [/windows/i, "windows"],
  [/linux|x11|cros/i, "linux"],
];

/** What somebody has in front of them: what the address says, else what their browser calls itself. */
export function platformOf(asked: string | undefined, userAgent = ""): Platform | undefined {
  const named = platforms.find((platform) => platform === asked?.toLowerCase());
  if (named !== undefined) return named;
  const heard = userAgent.slice(0, 500);
  return signs.find(([sign]) => sign.test(heard))?.[1];
}

/** All of them, theirs first. */
export const inOrder = (theirs: Platform | undefined): readonly Platform[] =>
  theirs === undefined ? platforms : [theirs, ...platforms.filter((platform) => platform !== theirs)];
