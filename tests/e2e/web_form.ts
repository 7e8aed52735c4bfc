import assert from "node:assert/strict";
import type { Pair } from "./pair.ts";

/** A page with a form, as a browser without scripts has it. */
export interface WebForm {
  readonly status: number;
  readonly text: string;
  /** Sends it with these fields beside those that it brings. */
  send(fields: Record<string, string>): Promise<{ status: number; text: string; headers: Headers }>;
}

/** Opens a page of the daemon's with a form. */
export async function openForm(
  { couplet }: Pick<Pair, "couplet">,
  path: string,
  headers: Record<string, string> = {},
): Promise<WebForm> {
  const page = await fetch(`${couplet.url}${path}`, { headers });
  const text = await page.text();
  assert.equal(page.status, 200, text);
  const cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
  const hidden = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)]
    .map(([, name = "", value = ""]) => [name, value] as const);
  return {
    status: page.status,
    text,
    async send(fields) {
      const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
      const answer = await fetch(`${couplet.url}${path}`, {
        method: "POST",
        headers: { ...headers, cookie },
        body,
      });
      return { status: answer.status, text: await answer.text(), headers: answer.headers };
    },
  };
}
