import { Page } from "../web/page.tsx";
import type { DeadState } from "./landing.ts";
import type { Kind, Reader } from "./page.tsx";

/** The page of an invite that cannot be used, and what to do about it. */
export function DeadInvitePage({ reader, state, type, path }: {
  reader: Reader;
  state: DeadState;
  type?: Kind["type"] | undefined;
  path: string;
}) {
  const { site, lang, words: { landing: words } } = reader;
  const title = words[state];
  return (
    <Page
      {...{ title, lang, site, words: reader.words }}
      inLanguage={(tag) => `${path}?lang=${tag}`}
    >
      <h1>{title}</h1>
      {state === "used" && type === "account" && <p>{words.usedAccount}</p>}
      {state === "used" && type === "contact" && <p>{words.usedContact}</p>}
      {state === "used" && type === "reset" && <p>{words.usedReset(site.name)}</p>}
      <p>{adviceOn(reader, state)}</p>
      {site.contact !== undefined && <a class="button second" href={site.contact}>{words.help}</a>}
    </Page>
  );
}

function adviceOn({ site, words: { landing: words } }: Reader, state: DeadState): string {
  if (state === "unknown") return words.askUnknown;
  return state === "paused" ? words.askPaused(site.name) : words.askNew(site.name);
}
