import { AppList, appsFor } from "../web/app_list.tsx";
import { CopyButton, copyScript, Said } from "../web/copy.tsx";
import { Fold } from "../web/fold.tsx";
import type { Words } from "../web/language.ts";
import { Page } from "../web/page.tsx";
import type { Platform } from "../core/platforms.ts";
import type { Site } from "../web/site.ts";
import type { App } from "./apps.ts";

/** Whom a page speaks to, and on whose behalf. */
export interface Reader {
  readonly site: Site;
  readonly lang: string;
  readonly words: Words;
  /** What is in front of them, if they let it be known. */
  readonly platform: Platform | undefined;
  /** What links add to keep the language that was chosen: `?lang=de`, or nothing. */
  readonly keep: string;
}

/** What of an invite decides which parts its page has. */
export interface Kind {
  readonly type: "account" | "contact" | "reset";
  /** A contact invite that may register, or an account invite. */
  readonly register: boolean;
  /** An account invite for one username. */
  readonly kept: boolean;
  readonly expires: boolean;
  readonly once: boolean;
  /** Whether accounts and passwords can be made on the web. */
  readonly web: boolean;
}

export const holeNames = ["jid", "uri", "link", "path", "qr", "when", "iso"] as const;
/** What is different in each page of a kind. `path` is the page's own; `qr` is a whole SVG. */
export type Holes = Readonly<Record<typeof holeNames[number], string>>;

/** The page of an invite that can be used. */
export function InvitePage({ reader, kind, holes, apps }: {
  reader: Reader;
  kind: Kind;
  holes: Holes;
  apps: readonly App[];
}) {
  const { site, lang, words: { landing: words } } = reader;
  const { type } = kind;
  const title = titleOf(reader, kind, holes);
  const lead = leadOf(reader, kind, holes);
  return (
    <Page
      title={title}
      description={lead}
      {...{ lang, site, words: reader.words, script: copyScript }}
      inLanguage={(tag) => `${holes.path}?lang=${tag}`}
    >
      <h1>{title}</h1>
      <p>{lead}</p>
      <Ways {...{ reader, kind, holes, apps }} />
      {kind.expires || kind.once
        ? (
          <p class="soft">
            {kind.expires && <time datetime={holes.iso}>{words.until(holes.when)}</time>}
            {kind.expires && kind.once && " "}
            {kind.once && words.once}
          </p>
        )
        : null}
      {type !== "reset" && <Chooser {...{ reader, kind, holes, apps }} />}
      {type === "account" && (
        <Fold title={words.haveTitle}>
          <p>{words.haveAccount(site.name)}</p>
        </Fold>
      )}
      {type === "contact" && (
        <Fold title={words.haveTitle}>
          <p>
            {words.haveContact} <code>{holes.jid}</code>
          </p>
        </Fold>
      )}
      <ThisPage {...{ reader, holes }} />
      <ByHand {...{ words, holes }} />
    </Page>
  );
}

/** What the invite is for, in an app and here: first what will work on the reader's device. */
function Ways({ reader, kind: { type, register, web }, holes, apps }: {
  reader: Reader;
  kind: Kind;
  holes: Holes;
  apps: readonly App[];
}) {
  const { platform, keep, words: { landing: words } } = reader;
  const noAppTakesIt = appsFor(apps, platform).every(({ takesInvites }) => !takesInvites);
  const webFirst = type === "reset" || type === "account" && noAppTakesIt;
  const ways = [
    {
      href: holes.uri,
      text: { reset: words.openReset, contact: words.openContact, account: words.openAccount }[type],
    },
    ...(web && (register || type === "reset")
      ? [{
        href: `${holes.path}/register${keep}`,
        text: type === "reset" ? words.webReset : words.webAccount,
      }]
      : []),
  ];
  return (
    <div class="ways">
      {(webFirst ? ways.toReversed() : ways).map(({ href, text }, i) => (
        <a class={i === 0 ? "button" : "button second"} href={href} rel="nofollow">{text}</a>
      ))}
    </div>
  );
}

function titleOf({ site, words: { landing } }: Reader, { type }: Kind, { jid }: Holes): string {
  if (type === "account") return landing.accountTitle(site.name);
  return type === "contact" ? landing.contactTitle(jid) : landing.resetTitle(jid);
}

function leadOf({ site, words: { landing } }: Reader, kind: Kind, { jid }: Holes): string {
  if (kind.type === "reset") return kind.web ? landing.resetLead : landing.resetAppLead;
  if (kind.type === "account") return kind.kept ? landing.keptLead(jid) : landing.accountLead(site.name);
  return kind.register ? landing.contactRegisterLead(site.name) : landing.contactLead;
}

type LandingWords = Words["landing"];

/** The address that the button has, for apps that the system does not know of. */
export const ByHand = ({ words, holes }: { words: LandingWords; holes: Holes }) => (
  <>
    <Fold title={words.linkTitle}>
      <p>
        {words.linkLead} <code id="uri">{holes.uri}</code>
      </p>
      <CopyButton of="uri" words={words} />
    </Fold>
    <Said />
  </>
);

const handhelds: readonly (Platform | undefined)[] = ["android", "ios"];

/** How to go on elsewhere: this page's address, to scan and to copy. */
const ThisPage = (
  { reader: { platform, words: { landing: words } }, holes }: { reader: Reader; holes: Holes },
) => (
  <Fold title={words.deviceTitle} open={!handhelds.includes(platform)}>
    <figure>
      {holes.qr}
      <figcaption>
        {words.deviceLead}
        <br />
        <code id="link">{holes.link}</code>
        <br />
        <CopyButton of="link" words={words} />
      </figcaption>
    </figure>
  </Fold>
);

/** Apps for each platform, the reader's own first. */
function Chooser({ reader, kind, holes, apps }: {
  reader: Reader;
  kind: Kind;
  holes: Holes;
  apps: readonly App[];
}) {
  const { words: { landing: words }, platform, keep } = reader;
  const usable = apps.filter(({ takesInvites }) => takesInvites || kind.web || kind.type === "contact");
  const marks = kind.register && kind.web && usable.some(({ takesInvites }) => !takesInvites);
  if (usable.length === 0) return null;
  return (
    <section class="screen">
      <h2>{words.appsTitle}</h2>
      <p>{words.appsLead}</p>
      <AppList
        {...{ apps: usable, platform, words, note: `* ${words.appsLater}` }}
        link={({ id, takesInvites }) => ({
          href: `${holes.path}/${encodeURIComponent(id)}${keep}`,
          ...(marks && !takesInvites && { mark: "*" }),
        })}
      />
    </section>
  );
}
