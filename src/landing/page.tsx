import type { Words } from "../web/language.ts";
import { Page } from "../web/page.tsx";
import type { Site } from "../web/site.ts";
import type { App } from "./apps.ts";
import { inOrder, type Platform } from "./platforms.ts";

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

/** Shows what only a browser with JavaScript can do, and does it. The words are the page's. */
export const copyScript = `
for(const b of document.querySelectorAll("[data-copy]"))if(navigator.clipboard){b.hidden=false;
b.onclick=()=>navigator.clipboard.writeText(document.getElementById(b.dataset.copy).textContent)
.then(()=>{document.getElementById("said").textContent=b.dataset.done})}`.replaceAll("\n", "");

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
  const onWeb = (
    <a class="button" href={`${holes.path}/register${reader.keep}`} rel="nofollow">
      {type === "reset" ? words.webReset : words.webAccount}
    </a>
  );
  const inApp = type === "reset"
    ? words.openReset
    : type === "contact"
    ? words.openContact
    : words.openAccount;
  const webFirst = kind.web && type === "reset";
  return (
    <Page
      title={title}
      description={lead}
      {...{ lang, site, words: reader.words, script: copyScript }}
      inLanguage={(tag) => `${holes.path}?lang=${tag}`}
    >
      <h1>{title}</h1>
      <p>{lead}</p>
      {webFirst && onWeb}
      <a class={webFirst ? "button second" : "button"} href={holes.uri} rel="nofollow">{inApp}</a>
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
      {type !== "reset" && kind.register && kind.web && (
        <a class="button second" href={`${holes.path}/register${reader.keep}`} rel="nofollow">
          {words.webAccount}
        </a>
      )}
      {type === "account" && <Section title={words.haveTitle}>{words.haveAccount(site.name)}</Section>}
      {type === "contact" && (
        <Section title={words.haveTitle}>
          {words.haveContact} <code>{holes.jid}</code>
        </Section>
      )}
      <ThisPage {...{ words, holes }} />
      <ByHand {...{ words, holes }} />
    </Page>
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

const Section = ({ title, children }: { title: string; children?: unknown }) => (
  <>
    <h2>{title}</h2>
    <p>{children as string}</p>
  </>
);

const CopyButton = ({ of, words }: { of: string; words: LandingWords }) => (
  <button class="second copy" type="button" data-copy={of} data-done={words.copied} hidden>
    {words.copy}
  </button>
);

/** The address that the button has, for apps that the system does not know of. */
export const ByHand = ({ words, holes }: { words: LandingWords; holes: Holes }) => (
  <>
    <h2>{words.linkTitle}</h2>
    <p>
      {words.linkLead} <code id="uri">{holes.uri}</code>
    </p>
    <CopyButton of="uri" {...{ words }} />
    <p class="soft" id="said" role="status"></p>
  </>
);

/** How to go on elsewhere: this page's address, to scan and to copy. */
const ThisPage = ({ words, holes }: { words: LandingWords; holes: Holes }) => (
  <>
    <h2>{words.deviceTitle}</h2>
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
  </>
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
  const groups = inOrder(platform).map((name) => ({
    name,
    apps: usable.filter(({ download }) => download[name] !== undefined),
  })).filter((group) => group.apps.length > 0);
  if (groups.length === 0) return null;
  return (
    <section class="screen">
      <h2>{words.appsTitle}</h2>
      <p>{words.appsLead}</p>
      {groups.map((group) => (
        <>
          <h3>{words.platforms[group.name]}</h3>
          <ul class="apps">
            {group.apps.map(({ id, name, takesInvites }) => (
              <li class={takesInvites ? undefined : "later"}>
                <a href={`${holes.path}/${encodeURIComponent(id)}${keep}`} rel="nofollow">
                  <b aria-hidden="true">{[...name][0]}</b>
                  {takesInvites || !marks ? name : `${name} *`}
                </a>
              </li>
            ))}
          </ul>
        </>
      ))}
      {marks && <p class="soft">* {words.appsLater}</p>}
    </section>
  );
}
