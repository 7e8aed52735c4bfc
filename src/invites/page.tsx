import { raw } from "hono/html";
import { Page } from "../web/page.tsx";
import { qrSvg } from "../web/qr.ts";
import type { Site } from "../web/site.ts";
import type { Invite } from "./invite.ts";

const headings: Record<Invite["type"], (invite: Invite) => string> = {
  account: ({ host }) => `You are invited to ${host}`,
  contact: ({ jid }) => `${jid} would like to chat with you`,
  reset: ({ jid }) => `Choose a new password for ${jid}`,
};

const leads: Record<Invite["type"], (invite: Invite) => string> = {
  account: ({ host, jid }) =>
    jid === host
      ? `With this invite you can make an account on ${host} and chat with anybody on the XMPP network.`
      : `With this invite you can make the account ${jid}, which is kept for you.`,
  contact: ({ host, register }) =>
    register
      ? `Accept with the XMPP account you have, or make one on ${host} at the same time.`
      : "Accept with your XMPP account, and you are in each other's contact lists.",
  reset: () => "The button below opens your XMPP app, where you enter the new password.",
};

const actions: Record<Invite["type"], string> = {
  account: "Accept in your XMPP app",
  contact: "Add as a contact",
  reset: "Open in your XMPP app",
};

/** The page of an invite that can be used. */
export function InvitePage({ invite, site }: { invite: Invite; site: Site }) {
  const heading = headings[invite.type](invite);
  return (
    <Page title={heading} site={site}>
      <h1>{heading}</h1>
      <p>{leads[invite.type](invite)}</p>
      <a class="button" href={invite.uri} rel="nofollow">{actions[invite.type]}</a>
      <h2>No app yet?</h2>
      <ol>
        <li>
          Install one that takes invites, for example Conversations (Android), Monal (iPhone, iPad, Mac) or
          Gajim (Linux, Windows). <a href="https://xmpp.org/software/" rel="noreferrer">More apps</a>
        </li>
        <li>Come back to this page and press the button above.</li>
      </ol>
      <figure>
        {raw(qrSvg(invite.landing_page, "QR code with the address of this page"))}
        <figcaption>
          To go on with your phone, point its camera at this code: it opens this page there.
        </figcaption>
      </figure>
      <p class="soft">
        {invite.expires_at !== null && (
          <>
            Valid until{" "}
            <time datetime={new Date(invite.expires_at).toISOString()}>{day(invite.expires_at)}</time>
            {invite.max_uses === 1 ? ", once. " : ". "}
          </>
        )}
        If the button does nothing, enter this in your app: <code>{invite.uri}</code>
      </p>
    </Page>
  );
}

const reasons = {
  used: "This invite has been used",
  expired: "This invite has expired",
  revoked: "This invite was withdrawn",
  paused: "This invite is paused",
  unknown: "This invite is not known here",
};

/** The page of an invite that cannot be used, and what to do about it. */
export function DeadInvitePage(
  { state, host, site, type }: {
    state: keyof typeof reasons;
    host: string;
    site: Site;
    type?: Invite["type"];
  },
) {
  return (
    <Page title={reasons[state]} site={site}>
      <h1>{reasons[state]}</h1>
      {state === "unknown"
        ? <p>Perhaps the link was cut off on its way. Check that you have all of it, or ask for a new one.</p>
        : <p>Ask the person who sent it to you, or the people who run {host}, for a new one.</p>}
      {state === "used" && type === "account" && (
        <p>Was it you who used it? Then your account is there: sign in with your app.</p>
      )}
      {state === "used" && type === "reset" && (
        <p>
          Was it you who used it? Then sign in with your new password. If not, tell the people who run {host}
          {" "}
          at once.
        </p>
      )}
    </Page>
  );
}

let format: Intl.DateTimeFormat | undefined; // costs more to make than the rest of the page

function day(time: number): string {
  format ??= new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });
  return `${format.format(time)} UTC`;
}
