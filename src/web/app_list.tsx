import type { Child } from "hono/jsx";
import type { Words } from "./language.ts";
import { inOrder, type Platform } from "../core/platforms.ts";

/** A chat app, as lists name it. */
export interface ListedApp {
  /** Its name in addresses. */
  readonly id: string;
  readonly name: string;
  /** Where it is to be had. */
  readonly download: Readonly<Partial<Record<Platform, readonly string[]>>>;
  /** Whether it opens `xmpp:` invites. */
  readonly takesInvites: boolean;
}

/** Those that run on what is in front of somebody; all, where that is not known. */
export const appsFor = <A extends ListedApp>(
  apps: readonly A[],
  platform: Platform | undefined,
): readonly A[] =>
  platform === undefined ? apps : apps.filter(({ download }) => download[platform] !== undefined);

/** Apps by platform: the reader's own, and the others at a press. Nothing if there are none. */
export function AppList<A extends ListedApp>({ apps, platform, words, link, note }: {
  apps: readonly A[];
  platform: Platform | undefined;
  words: Words["landing"];
  /** Where an app's name leads, and what stands behind it. */
  link: (app: A, platform: Platform) => { readonly href: string; readonly mark?: string };
  /** What a mark means. */
  note?: string | undefined;
}) {
  const groups = inOrder(platform).filter((name) => appsFor(apps, name).length > 0);
  const own = groups.filter((name) => platform === undefined || name === platform);
  const others = groups.filter((name) => !own.includes(name));
  const isMarked = (name: Platform) => appsFor(apps, name).some((app) => link(app, name).mark !== undefined);
  const noteFor = (names: readonly Platform[]) =>
    note !== undefined && names.some(isMarked) && <p class="soft">{note}</p>;
  const list = (name: Platform) => (
    <>
      <h3>{words.platforms[name]}</h3>
      <ul class="apps">
        {appsFor(apps, name).map((app) => {
          const { href, mark = "" } = link(app, name);
          return (
            <li class={mark === "" ? undefined : "later"}>
              <a href={href}>
                <b aria-hidden="true">{[...app.name][0]}</b>
                {mark === "" ? app.name : `${app.name} ${mark}`}
              </a>
            </li>
          );
        })}
      </ul>
    </>
  );
  return (
    <>
      {own.map(list) as Child}
      {noteFor(own)}
      {others.length > 0 && (
        <details open={own.length === 0}>
          <summary>{own.length === 0 ? words.allDevices : words.otherDevices}</summary>
          {others.map(list) as Child}
          {!own.some(isMarked) && noteFor(others)}
        </details>
      )}
    </>
  );
}
