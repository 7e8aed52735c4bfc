import type { Random, Vault } from "../core/token.ts";
import type { WebhookRow } from "./store.ts";

/** `whsec_` and 32 random bytes as base64, as Standard Webhooks has it. */
export const makeWebhookSecret = (random: Random): string => `whsec_${random(new Uint8Array(32)).toBase64()}`;

/** A secret's context in the vault: sealed, it cannot be moved to another webhook. */
export const secretContext = ({ host, id }: Pick<WebhookRow, "host" | "id">): string =>
  `webhook ${host}/${id}`;

/** What is sent: Standard Webhooks' envelope and headers, signed with each secret that holds at `now`. */
export async function sign(
  row: WebhookRow,
  event: { readonly uid: string; readonly type: string; readonly data: string; readonly created_at: number },
  vault: Vault,
  now: number,
): Promise<{ headers: Record<string, string>; body: string }> {
  const { Webhook } = await import("standardwebhooks");
  const timestamp = new Date(event.created_at).toISOString();
  const body = `{"type":${JSON.stringify(event.type)},"timestamp":"${timestamp}","data":${event.data}}`;
  const hasOld = row.old_secret_sealed !== null && (row.old_secret_until ?? 0) > now;
  const sealed = [row.secret_sealed, ...(hasOld ? [row.old_secret_sealed!] : [])];
  const signatures = sealed.map((text) =>
    new Webhook(vault.open(text, secretContext(row))).sign(event.uid, new Date(now), body)
  );
  return {
    headers: {
      "content-type": "application/json",
      "user-agent": "Couplet",
      "webhook-id": event.uid,
      "webhook-timestamp": `${Math.floor(now / 1_000)}`,
      "webhook-signature": signatures.join(" "),
    },
    body,
  };
}
