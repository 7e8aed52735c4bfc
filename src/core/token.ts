import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, hash, hkdfSync } from "node:crypto";
import { crc32 } from "node:zlib";

/** Fills an array with random bytes; `crypto.getRandomValues` outside of tests. */
export type Random = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array;

export const systemRandom: Random = (bytes) => crypto.getRandomValues(bytes);

/** `bytes` random bytes as base64url without padding (RFC 4648, 5). */
export const randomId = (random: Random, bytes: number): string =>
  Buffer.from(random(new Uint8Array(bytes))).toString("base64url");

/** SHA-256 as 43 characters of base64url: text costs less to keep and compare than bytes. */
export const sha256 = (text: string): string => hash("sha256", text, "base64url");

/** Whether two texts are equal, in a time that does not tell where they differ. */
export function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

function base62(value: number, digits: number): string {
  let text = "";
  for (let i = 0; i < digits; i++, value = Math.floor(value / 62)) text = alphabet.charAt(value % 62) + text;
  return text;
}

/** A key's secret: `cplt_`, 30 base62 characters (178 bits), and their CRC-32 as 6 more. */
export function makeSecret(random: Random): string {
  let body = "";
  while (body.length < 30) {
    for (const byte of random(new Uint8Array(40))) {
      if (byte < 248 && body.length < 30) body += alphabet.charAt(byte % 62); // 248 = 4 * 62: no letter is likelier
    }
  }
  return `cplt_${body}${base62(crc32(body), 6)}`;
}

/** Whether this can be a secret that `makeSecret` made: a scanner's test, and ours before asking the store. */
export const isSecret = (text: string): boolean =>
  /^cplt_[0-9A-Za-z]{36}$/.test(text) && base62(crc32(text.slice(5, 35)), 6) === text.slice(35);

/**
 * Whether this can be the secret of a key that mod_invites_api made: base64url, 32 characters (Prosody 0.11) or 36.
 * One that begins as ours do is judged as ours.
 */
export const isOlderSecret = (text: string): boolean =>
  /^[\w-]{32}(?:[\w-]{4})?$/.test(text) && !text.startsWith("cplt_");

/** Whether this can be a key's ID, ours or that of a key that mod_invites_api made. */
export const isKeyId = (text: string): boolean => /^[\w-]{8,12}$/.test(text);

// In the order of their codes, so that texts sort as the numbers they stand for.
const ordered = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/**
 * A token of 24 URL-safe characters: 6 for the second it was made in and 18 random ones (108 bits; XEP-0401 asks
 * for 80). New tokens sort behind old ones, so that an index of a million takes one more as quickly as the first.
 */
export function makeToken(now: number, random: Random): string {
  let time = "";
  for (let rest = Math.floor(now / 1000), i = 0; i < 6; i++, rest = Math.floor(rest / 64)) {
    time = ordered.charAt(rest % 64) + time;
  }
  let text = time;
  for (const byte of random(new Uint8Array(18))) text += ordered.charAt(byte & 63);
  return text;
}

/** What a token is found by: its first 6 characters, which are no secret, and its hash. */
export const tokenKey = (token: string): string => token.slice(0, 6) + sha256(token);

/** Another 32 bytes for this purpose, which tell nothing of the key (RFC 5869). */
export const deriveKey = (key: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, "", `couplet ${purpose}`, 32));

/** Hides short texts under one key: AES-256-GCM. `context` is bound to what is sealed. */
export interface Vault {
  /** Nonce (12 bytes), tag (16) and text, each as base64url, with dots between. */
  seal(text: string, context: string): string;
  /** @throws Error if it was not sealed under this key and context */
  open(sealed: string, context: string): string;
}

export function createVault(key: Uint8Array, random: Random): Vault {
  return {
    seal(text, context) {
      const nonce = random(new Uint8Array(12));
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
      const body = cipher.update(text, "utf8", "base64url") + cipher.final("base64url");
      return `${Buffer.from(nonce).toString("base64url")}.${
        cipher.getAuthTag().toString("base64url")
      }.${body}`;
    },
    open(sealed, context) {
      const [nonce = "", tag = "", body = ""] = sealed.split(".");
      const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"))
        .setAAD(Buffer.from(context)).setAuthTag(Buffer.from(tag, "base64url"));
      return decipher.update(body, "base64url", "utf8") + decipher.final("utf8");
    },
  };
}
