import { requireScope } from "../core/actor.ts";
import { Problem } from "../core/problem.ts";
import { isGuarded, isPartlySecret, isStoreName } from "../core/store_name.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { Asker } from "./asker.ts";

/** Where something is kept. */
export interface Place {
  /** As Prosody compares it. */
  readonly user: string;
  readonly store: string;
}

/** What somebody may do in one place. */
export interface Right {
  /** Whether Prosody has to say first that they are an admin. */
  readonly admin: boolean;
  /** Whether secrets are shown as `[redacted]`. */
  readonly redacted: boolean;
}

/** Whether there is a right, and if not, why; a login is still to be proved. */
export type Verdict = Right | { readonly refused: Problem };

/**
 * Deny first: users have the stores that the host names for them, of their own; admins, keys and the command line
 * have those of anybody, and beside them the ones named for admins. Stores that open doors are shown redacted, and
 * those whose secrets cannot be told from the rest not at all, unless a scope says otherwise.
 */
export function rightTo(
  hosts: Hosts,
  asker: Asker,
  { user, store }: Place,
  way: "read" | "write",
): Verdict {
  const refused = (detail: string) => ({ refused: new Problem("not-allowed", detail) });
  const isOperator = asker.source === "cli";
  if (store === "") return { refused: new Problem("not-found", "Name a store, such as vcard.") };
  if (!isStoreName(store)) {
    return { refused: new Problem("not-found", "The name of a store has letters, digits and _ alone.") };
  }
  if (store === "roster") {
    return refused(
      isOperator
        ? `Rosters have commands of their own: couplet rosters show ${user}@${asker.host}.`
        : `Rosters are at /v1/rosters/${encodeURIComponent(user)}.`,
    );
  }
  if (store === "invite_token") {
    return refused(
      isOperator
        ? `Invites have commands of their own: couplet invites list ${asker.host}.`
        : "Invites are at /v1/invites.",
    );
  }
  const { "data.user_stores": userStores, "data.admin_stores": adminStores } =
    hosts.byDomain(asker.host).settings;
  if (asker.user === undefined) {
    try {
      requireScope(asker, way === "read" ? "data:read" : "data:write");
    } catch (problem) {
      return { refused: problem as Problem };
    }
  }
  const isOwn = asker.user === user;
  const isForUsers = userStores.includes(store);
  if (isForUsers && (isOwn || asker.user === undefined)) return { admin: false, redacted: false };
  if (!isForUsers && !adminStores.includes(store) && !isOperator) {
    return refused(
      `The store ${store} is not open to you. Its host names what is in data.user_stores and data.admin_stores.`,
    );
  }
  const admin = asker.user !== undefined;
  const secrets = asker.scopes.includes("data:secrets");
  if (isGuarded(store) && !isPartlySecret(store) && !secrets) {
    return refused(
      `The store ${store} holds secrets: that needs ${isOperator ? "--secrets" : "the scope data:secrets"}.`,
    );
  }
  if (isGuarded(store) && way === "write" && !admin && !secrets) {
    return refused(`What is written to ${store} opens doors: that needs the scope data:secrets.`);
  }
  return { admin, redacted: isGuarded(store) && !secrets };
}
