import { getLogger } from "@logtape/logtape";
import { createApp, createStanzas } from "./app.ts";
import { type Channel, createChannel } from "./channel/server.ts";
import type { Config } from "./config.ts";
import { openServices } from "./open.ts";
import { createProsodyOverChannel } from "./prosody/over_channel.ts";

const log = getLogger(["couplet"]);
const sweepEvery = 5_000; // ms

export interface Daemon {
  /** Where HTTP answers, such as `http://127.0.0.1:5290`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Opens, listens on HTTP and the control socket, and keeps house until it is stopped. */
export async function startDaemon(config: Config, version: string): Promise<Daemon> {
  let channel: Channel | undefined;
  const opened = await openServices(
    config,
    createProsodyOverChannel({ link: (host) => channel?.link(host) }),
  );
  const { services, database } = opened;
  try {
    channel = createChannel({
      handlers: createStanzas(services),
      isServed: (host) => services.hosts.all.some(({ domain }) => domain === host),
      describe: (host) => ({ landing_page: `${services.hosts.byDomain(host).publicUrl}/invite/` }),
      version,
    });
    await channel.listen(config["control.socket"]);
    const isReady = () =>
      database.db.selectFrom("api_key").select("id").limit(1).execute().then(() => true, () => false);
    const http = listenHttp(config["http.listen"], createApp(services, isReady).fetch);
    const sweeping = sweepForever(services.redemption.sweep);
    log.info("Couplet is ready", { url: http.url, socket: config["control.socket"], version });
    return {
      url: http.url,
      async stop() {
        sweeping.stop();
        await Promise.race([http.server.shutdown(), new Promise((resolve) => setTimeout(resolve, 5_000))]);
        await channel?.close();
        await sweeping.ended;
        await database.close();
        log.info("Couplet has stopped");
      },
    };
  } catch (error) {
    await channel?.close();
    await database.close();
    throw error;
  }
}

/** An address that cannot be listened on; the message says what to do. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

function listenHttp(
  listen: string,
  handler: (request: Request) => Response | Promise<Response>,
): { server: Deno.HttpServer; url: string } {
  const fetch = (request: Request) => handler(request);
  try {
    if (listen.startsWith("unix:")) {
      const server = Deno.serve({ path: listen.slice("unix:".length), onListen: () => {} }, fetch);
      return { server, url: listen };
    }
    const at = listen.lastIndexOf(":");
    const hostname = listen.slice(0, at).replace(/^\[(.*)\]$/, "$1");
    const server = Deno.serve({ hostname, port: Number(listen.slice(at + 1)), onListen: () => {} }, fetch);
    return { server, url: `http://${listen.slice(0, at)}:${(server.addr as Deno.NetAddr).port}` };
  } catch (error) {
    throw new ListenError(`HTTP cannot listen on ${listen}: ${(error as Error).message}. Set "http.listen".`);
  }
}

function sweepForever(sweep: () => Promise<void>): { stop(): void; ended: Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wake: (() => void) | undefined;
  let stopped = false;
  const ended = (async () => {
    while (!stopped) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, sweepEvery);
      });
      if (stopped) break;
      await sweep().catch((error) => log.error("House-keeping failed", { error }));
    }
  })();
  return {
    ended,
    stop() {
      stopped = true;
      clearTimeout(timer);
      wake?.();
    },
  };
}
