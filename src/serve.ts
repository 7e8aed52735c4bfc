import { getLogger } from "@logtape/logtape";
import { createApp, createStanzas } from "./app.ts";
import { type Channel, createChannel } from "./channel/server.ts";
import type { Config } from "./config.ts";
import type { Peer } from "./http/env.ts";
import { openServices } from "./open.ts";
import { createProsodyOverChannel } from "./prosody/over_channel.ts";

const log = getLogger(["couplet"]);
const sweepEvery = 5_000; // ms
const tidyEvery = 600_000; // ms
const deliverEvery = 250; // ms: how soon webhooks hear of anything; costs nothing while nobody writes
const lookEvery = 1_000; // ms: how soon Prosody hears of what the command line has done

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
      describe: (host) => {
        const { publicUrl, settings } = services.hosts.byDomain(host);
        return {
          landing_page: `${publicUrl}/invite/`,
          rosters: settings["rosters.policy"],
          commands: services.adHoc.open(host).join(" "),
        };
      },
      version,
    });
    await channel.listen(config["control.socket"]);
    const isReady = () =>
      database.db.selectFrom("api_key").select("id").limit(1).execute().then(() => true, () => false);
    const http = listenHttp(config["http.listen"], createApp(services, isReady).fetch);
    const { redemption, pushes, upstream, userData, settling, deliveries, people, campaigns, joining } =
      services;
    const sweeping = [
      repeat(sweepEvery, () => redemption.sweep().finally(pushes.sweep)),
      repeat(lookEvery, pushes.deliverAll),
      repeat(sweepEvery, upstream.sweep),
      repeat(sweepEvery, settling.sweep),
      repeat(tidyEvery, userData.versions.sweep),
      repeat(deliverEvery, deliveries.deliverAll),
      repeat(tidyEvery, deliveries.sweep),
      repeat(tidyEvery, people.sweep),
      repeat(tidyEvery, () => campaigns.sweep().finally(joining.sweep)),
    ];
    log.info("Couplet is ready", { url: http.url, socket: config["control.socket"], version });
    return {
      url: http.url,
      async stop() {
        for (const one of sweeping) one.stop();
        deliveries.stop();
        await Promise.race([http.shutdown(), new Promise((resolve) => setTimeout(resolve, 5_000))]);
        await channel?.close();
        await Promise.all(sweeping.map(({ ended }) => ended));
        await Promise.race([upstream.settled(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
        await settling.settled();
        await pushes.settled();
        await deliveries.settled();
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

/** Answers HTTP at `HOST:PORT` or `unix:/path`. */
export function listenHttp(
  listen: string,
  handler: (request: Request, peer: Peer) => Response | Promise<Response>,
): Http {
  const fetch = (request: Request, peer: Peer) => handler(request, peer);
  const onListen = () => {};
  if (listen.startsWith("unix:")) {
    const path = listen.slice("unix:".length);
    return { ...keepServing(listen, () => Deno.serve({ path, onListen }, fetch)), url: listen };
  }
  const at = listen.lastIndexOf(":");
  const hostname = listen.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const port = Number(listen.slice(at + 1));
  const http = keepServing(listen, () => Deno.serve({ hostname, port, onListen }, fetch));
  return { ...http, url: `http://${listen.slice(0, at)}:${(http.addr as Deno.NetAddr).port}` };
}

interface Http {
  readonly url: string;
  /** Lets what is under way end, and takes nothing new. */
  shutdown(): Promise<void>;
}

/** Serving ends when a connection cannot be taken, as when no file descriptor is left: then it begins again. */
function keepServing(
  listen: string,
  start: () => Deno.HttpServer,
): { addr: Deno.Addr; shutdown(): Promise<void> } {
  let server: Deno.HttpServer;
  try {
    server = start();
  } catch (error) {
    throw new ListenError(`HTTP cannot listen on ${listen}: ${(error as Error).message}. Set "http.listen".`);
  }
  const { addr } = server;
  let stopping = false;
  const watch = () =>
    server.finished.catch(async (error) => {
      log.error("HTTP could not take a connection; beginning again", { error });
      while (!stopping) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        try {
          server = start();
          return void watch();
        } catch (error) {
          log.error("HTTP cannot listen; trying again", { error });
        }
      }
    });
  watch();
  return {
    addr,
    shutdown() {
      stopping = true;
      return server.shutdown();
    },
  };
}

function repeat(every: number, work: () => Promise<void>): { stop(): void; ended: Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wake: (() => void) | undefined;
  let stopped = false;
  const ended = (async () => {
    while (!stopped) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, every);
      });
      if (stopped) break;
      await work().catch((error) => log.error("House-keeping failed", { error }));
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
