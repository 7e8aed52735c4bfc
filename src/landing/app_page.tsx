import { copyScript } from "../web/copy.tsx";
import { Page } from "../web/page.tsx";
import type { App } from "./apps.ts";
import { ByHand, type Holes, type Kind, type Reader } from "./page.tsx";
import { inOrder } from "../core/platforms.ts";

const stores: Readonly<Record<string, string>> = {
  "play.google.com": "Google Play",
  "f-droid.org": "F\u2011Droid",
  "apps.apple.com": "App Store",
  "flathub.org": "Flathub",
  "apps.microsoft.com": "Microsoft Store",
};

/** What people call the place behind an address. */
function placeOf(link: string): string {
  const { hostname } = new URL(link);
  return stores[hostname] ?? hostname.replace(/^www\./, "");
}

/** Step by step from an invite to an account in one app. */
export function AppPage({ reader, kind, holes, app }: {
  reader: Reader;
  kind: Kind;
  holes: Holes;
  app: App;
}) {
  const { site, lang, keep, words: { landing: words } } = reader;
  const title = words.setUpTitle(app.name);
  const byWeb = kind.web && kind.type !== "contact" || kind.web && kind.register;
  const here = `${holes.path}/${encodeURIComponent(app.id)}`;
  return (
    <Page
      {...{ title, lang, site, words: reader.words, script: copyScript }}
      inLanguage={(tag) => `${here}?lang=${tag}`}
    >
      <h1>{title}</h1>
      <ol>
        <li>
          {words.getApp(app.name)}
          <Downloads {...{ reader, app }} />
        </li>
        {app.takesInvites && (
          <li>
            {words.openInApp(app.name)}
            <a class="button" href={holes.uri} rel="nofollow">{words.openButton(app.name)}</a>
          </li>
        )}
        {!app.takesInvites && byWeb && (
          <>
            <li>
              {words.accountFirst}
              <a class="button" href={registerAddress(holes, keep, app)} rel="nofollow">
                {kind.type === "reset" ? words.webReset : words.webAccount}
              </a>
            </li>
            <li>{words.signIn(app.name)}</li>
          </>
        )}
        {!app.takesInvites && !byWeb && (
          <li>{kind.type === "contact" ? words.addContact(holes.jid) : words.cannotTake(app.name)}</li>
        )}
      </ol>
      {app.takesInvites && byWeb && (
        <p>
          <a href={registerAddress(holes, keep, app)} rel="nofollow">{words.orWeb}</a>
        </p>
      )}
      {app.takesInvites && <ByHand {...{ words, holes }} />}
      <p>
        <a href={`${holes.path}${keep}`}>{words.back}</a>
      </p>
    </Page>
  );
}

/** Web registration, which leads back to this app's sign-in. */
const registerAddress = ({ path }: Holes, keep: string, { id }: App) =>
  `${path}/register${keep}${keep === "" ? "?" : "&"}c=${encodeURIComponent(id)}`;

/** Where to get it, for the reader's platform first. */
function Downloads({ reader, app }: { reader: Reader; app: App }) {
  const { platforms } = reader.words.landing;
  return (
    <ul>
      {inOrder(reader.platform).map((platform) =>
        app.download[platform] && (
          <li>
            {platforms[platform]}: {app.download[platform].map((link, i) => (
              <>
                {i > 0 && ", "}
                <a href={link} rel="noreferrer nofollow">{placeOf(link)}</a>
              </>
            ))}
          </li>
        )
      )}
    </ul>
  );
}

/** An app that is not named here; the invite is still good. */
export function NoAppPage({ reader, path }: { reader: Reader; path: string }) {
  const { site, lang, keep, words: { landing: words } } = reader;
  return (
    <Page title={words.noAppTitle} {...{ lang, site }}>
      <h1>{words.noAppTitle}</h1>
      <p>{words.noAppLead}</p>
      <a class="button" href={`${path}${keep}`}>{words.back}</a>
    </Page>
  );
}
