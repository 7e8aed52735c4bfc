import { createHmac } from "node:crypto";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Clock } from "../core/clock.ts";
import { Problem } from "../core/problem.ts";
import { deriveKey, type Random, randomId, sameText } from "../core/token.ts";
import type { HttpEnv } from "./env.ts";

/** The name of the hidden field that a guarded form sends along. */
export const proofField = "proof";

/** Lets forms be sent only by whom they were shown to; keeps nothing. */
export interface FormGuard {
  /**
   * What the form has in its hidden field `proofField`; gives the visitor a cookie unless there is one. Ask before
   * the answer is made.
   * @param purpose what the form does and to what: a proof for one purpose is none for another
   */
  proof(c: Context<HttpEnv>, purpose: string): string;
  /** @throws Problem `form-stale` unless this proof was shown to this visitor for this, and not too long ago */
  check(c: Context<HttpEnv>, purpose: string, proof: unknown): void;
  /**
   * For what comes without a proof, such as JSON, which no other site's form can send.
   * @throws Problem `form-stale` if the browser says that another site sent it
   */
  requireOwnSite(c: Context<HttpEnv>): void;
}

const life = 12 * 3_600_000; // ms from showing a form to its end: somebody may sleep over a password
const cookie = "couplet_form";

/** @param publicUrl where a host's pages are seen from outside */
export function createFormGuard(
  { secretKey, clock, random, publicUrl }: {
    readonly secretKey: Uint8Array;
    readonly clock: Clock;
    readonly random: Random;
    readonly publicUrl: (host: string) => string;
  },
): FormGuard {
  const key = deriveKey(secretKey, "forms");

  const sign = (visitor: string, { var: { host } }: Context<HttpEnv>, purpose: string, end: string) =>
    createHmac("sha256", key).update(JSON.stringify([visitor, host, purpose, end])).digest("base64url");

  // `__Host-` binds a cookie to this very name (RFC 6265bis, 4.1.3.2), and is taken over https alone.
  const isSecure = (c: Context<HttpEnv>) => publicUrl(c.var.host).startsWith("https:");

  function visitorOf(c: Context<HttpEnv>): string | undefined {
    const value = isSecure(c) ? getCookie(c, cookie, "host") : getCookie(c, cookie);
    return value !== undefined && /^[\w-]{22}$/.test(value) ? value : undefined;
  }

  function requireOwnSite(c: Context<HttpEnv>): void {
    if (!cameFromElsewhere(c, publicUrl(c.var.host))) return;
    throw new Problem(
      "form-stale",
      "This was sent from a page of another site. Open the page here and send it.",
    );
  }

  return {
    proof(c, purpose) {
      let visitor = visitorOf(c);
      if (visitor === undefined) {
        visitor = randomId(random, 16);
        setCookie(c, cookie, visitor, {
          ...{ path: "/", httpOnly: true, sameSite: "Strict" },
          ...(isSecure(c) && { secure: true, prefix: "host" }),
        });
      }
      const end = (clock() + life).toString(36);
      return `${end}.${sign(visitor, c, purpose, end)}`;
    },

    check(c, purpose, proof) {
      requireOwnSite(c);
      const visitor = visitorOf(c);
      const [end = "", mac = ""] = typeof proof === "string" ? proof.split(".", 2) : [];
      if (
        visitor !== undefined && sameText(mac, sign(visitor, c, purpose, end)) &&
        clock() < Number.parseInt(end, 36)
      ) return;
      throw new Problem(
        "form-stale",
        "This page was open for too long, or your browser keeps no cookies. Look it over and send it once more.",
      );
    },

    requireOwnSite,
  };
}

/**
 * Whether the browser says that another site sent this. `Sec-Fetch-Site` is asked first: our pages tell nobody where
 * they are, so that browsers send `Origin: null` with their forms (Fetch, 3.1).
 */
function cameFromElsewhere(c: Context<HttpEnv>, publicUrl: string): boolean {
  const site = c.req.header("sec-fetch-site");
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = c.req.header("origin");
  if (origin === undefined || origin === "null") return false;
  if (!URL.canParse(origin)) return true;
  const { host } = new URL(origin);
  return host !== new URL(publicUrl).host && host !== new URL(c.req.url).host;
}
