import type { ListedInvite } from "../invites/invite.ts";

/** What is printed of an invite. */
export interface SheetCard {
  readonly link: string;
  /** Who invites to become a contact; otherwise it is for an account. */
  readonly from?: string;
  readonly expires_at: number | null;
  readonly max_uses: number | null;
}

/** Cards of one document: so many QR codes are a MB or two. */
export const cardsOfSheet = 500;

/** Invites whose link cannot be shown have none. */
export const cardOf = (invite: ListedInvite): SheetCard[] =>
  invite.landing_page === undefined ? [] : [{
    link: invite.landing_page,
    ...(invite.type === "contact" && { from: invite.jid }),
    expires_at: invite.expires_at,
    max_uses: invite.max_uses,
  }];
