/// <reference lib="deno.worker" />
// Logs in to Prosody and pings it (XEP-0199) again and again until it is told to stop, on a thread of its own; then
// says how long each took, ms.
import { connect, xml } from "../e2e/xmpp_client.ts";

const pause = 2; // ms
const settings = { host: "", port: 0, user: "", password: "" };

self.onmessage = async ({ data }: MessageEvent<typeof settings>) => {
  let stopped = false;
  self.onmessage = () => stopped = true;
  await using client = await connect(data.host, data.port);
  const bound = await client.login(data.user, data.password);
  if (bound.attrs.type !== "result") throw new Error(`No login: ${bound}`);
  const times: number[] = [];
  self.postMessage("ready");
  while (!stopped) {
    const start = performance.now();
    const pong = await client.iq("get", data.host, xml("ping", { xmlns: "urn:xmpp:ping" }));
    if (pong.attrs.type !== "result") throw new Error(`No pong: ${pong}`);
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  self.postMessage(times);
};
