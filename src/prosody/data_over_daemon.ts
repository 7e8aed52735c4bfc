import { type ChannelClient, connectClient } from "../channel/client.ts";
import { controlNs, xml } from "../channel/stanza.ts";
import type { StoredAnswer, StoredData } from "./stored_data.ts";

/** For commands: the daemon that has this control socket asks its Prosody for us. */
export function createDataOverDaemon(path: string): StoredData & Disposable {
  const clients = new Map<string, Promise<ChannelClient>>();
  return {
    async ask(host, { login: _, admin: __, ...call }) {
      const client = clients.get(host) ?? connectClient(path, host);
      clients.set(host, client);
      const { value, ...attrs } = { value: undefined, ...call };
      const reply = await (await client).request(
        call.call === "set" ? "set" : "get",
        host,
        xml("data", { xmlns: controlNs, ...attrs }, ...value === undefined ? [] : [value]),
      );
      const data = reply.getChild("data", controlNs);
      return { is: data?.attrs.is ?? "failed", text: data?.getText() ?? "" } as StoredAnswer;
    },
    [Symbol.dispose]() {
      for (const client of clients.values()) client.then((one) => one.close(), () => {});
    },
  };
}
