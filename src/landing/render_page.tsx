import { LRUCache } from "lru-cache";
import { copyScript } from "../web/copy.tsx";
import { formatTime } from "../web/language.ts";
import { pageHeaders } from "../web/page.tsx";
import { qrSvg } from "../web/qr.ts";
import { makeTemplate, type Template } from "../web/template.ts";
import { AppPage } from "./app_page.tsx";
import type { App } from "./apps.ts";
import type { Shown } from "./landing.ts";
import { holeNames, InvitePage, type Kind, type Reader } from "./page.tsx";

/** A page that is ready to be sent. */
export interface Rendered {
  /** Bytes, once it was asked for again: they need not be made anew. */
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Checked once: that costs more than the rest of an answer. */
  readonly headers: Headers;
}

/** Renders pages of invites; what is the same in many is rendered once. */
export interface Renderer {
  /** @param app its set-up page; without it, the invite's own */
  render(reader: Reader, invite: Shown, options: { path: string; web: boolean; app?: App }): Rendered;
}

interface Ready {
  readonly fill: Template<typeof holeNames[number]>;
  readonly headers: Record<string, string>;
}

const encoder = new TextEncoder();

/** @param appsOf the apps that a host's pages name */
export function createRenderer(appsOf: (host: string) => readonly App[]): Renderer {
  const ready = new LRUCache<string, Ready>({ max: 200 }); // some 15 kB each
  // One link is opened by people, previews and scanners. Pages that nobody asks for again are not worth their room.
  const sent = new LRUCache<string, { page?: Rendered }>({ max: 64 });

  function prepare(reader: Reader, kind: Kind, app: App | undefined): Ready {
    const { site } = reader;
    const fill = makeTemplate(
      holeNames,
      (holes) =>
        app
          ? <AppPage {...{ reader, kind, holes, app }} />
          : <InvitePage {...{ reader, kind, holes, apps: appsOf(site.domain) }} />,
    );
    return { fill, headers: { ...pageHeaders({ site, script: copyScript }), ...headersFor(reader) } };
  }

  return {
    render(reader, invite, { path, web, app }) {
      const { expires_at } = invite;
      const kind: Kind = {
        type: invite.type,
        register: invite.type === "contact" ? invite.register : invite.type === "account",
        kept: invite.type === "account" && invite.jid !== invite.host,
        expires: expires_at !== null,
        once: invite.max_uses === 1,
        web,
      };
      const key = `${reader.site.domain} ${reader.lang}${reader.keep} ${reader.platform} ${kind.type} ` +
        `${kind.register}${kind.kept}${kind.expires}${kind.once}${web} ${app?.id ?? ""}`;
      const whole = `${key} ${expires_at} ${invite.uri} ${path}`;
      const before = sent.get(whole);
      if (before?.page) return before.page;
      const page = ready.get(key) ?? prepare(reader, kind, app);
      ready.set(key, page);
      const now = {
        body: page.fill(fillings(reader, invite, path, app)),
        headers: headersOf(page, invite, app),
      };
      sent.set(whole, before ? { page: { ...now, body: encoder.encode(now.body) } } : {});
      return now;
    },
  };
}

function fillings({ lang, words }: Reader, invite: Shown, path: string, app: App | undefined) {
  const { jid, uri, landing_page: link, expires_at } = invite;
  return {
    ...{ jid, uri, link, path },
    qr: { html: app ? "" : qrSvg(link, words.landing.qrLabel) },
    when: expires_at === null ? "" : formatTime(lang, expires_at),
    iso: expires_at === null ? "" : new Date(expires_at).toISOString(),
  };
}

/** Programs find the invite in the header of its own page. */
const headersOf = ({ headers }: Ready, { uri }: Shown, app: App | undefined) =>
  new Headers(app ? headers : { ...headers, link: `<${uri}>; rel="alternate"` });

/** What else the headers say of a page that is different for different readers. */
export const headersFor = ({ lang }: Reader): Record<string, string> => ({
  "content-language": lang,
  "vary": "Accept, Accept-Language, User-Agent",
});
