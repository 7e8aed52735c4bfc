import type { Hono } from "hono";
import type { IqHandlers } from "./channel/dispatch.ts";
import { controlNs } from "./channel/stanza.ts";
import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import { Problem } from "./core/problem.ts";
import { createVault, type Random } from "./core/token.ts";
import { createHosts, type Hosts } from "./hosts/hosts.ts";
import type { HttpEnv } from "./http/env.ts";
import { createHttp } from "./http/server.ts";
import { systemRoutes } from "./http/system_routes.ts";
import { invitesApiRoutes } from "./invites/api_routes.ts";
import { createInvites, type Invites } from "./invites/invites.ts";
import { invitePageRoutes } from "./invites/page_routes.tsx";
import { createTokenRecords, type TokenRecords } from "./invites/records.ts";
import { createRedemption, type Redemption } from "./invites/redemption.ts";
import { inviteRoutes } from "./invites/routes.ts";
import { inviteStanzas } from "./invites/stanzas.ts";
import { createKeys, type Keys } from "./keys/keys.ts";
import { createPushes, type Pushes } from "./rosters/pushes.ts";
import { createRosterRecords, type RosterRecords } from "./rosters/records.ts";
import { createRosters, type Rosters } from "./rosters/rosters.ts";
import { rosterStanzas } from "./rosters/stanzas.ts";
import type { Prosody } from "./prosody/prosody.ts";
import type { Database } from "./store/database.ts";

/** What the services stand on. */
export interface Ground {
  readonly config: Config;
  readonly database: Database;
  /** 32 bytes from outside of the database. */
  readonly secretKey: Uint8Array;
  readonly prosody: Prosody;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Services {
  readonly config: Config;
  readonly hosts: Hosts;
  readonly keys: Keys;
  readonly invites: Invites;
  readonly redemption: Redemption;
  readonly tokenRecords: TokenRecords;
  readonly rosters: Rosters;
  readonly rosterRecords: RosterRecords;
  readonly pushes: Pushes;
}

/** Every service, wired. */
export function createServices(ground: Ground): Services {
  const { config, secretKey, random } = ground;
  const hosts = createHosts(config.hosts, {
    url: (domain) => config["http.public_url"] ?? guessUrl(config["http.listen"], domain),
    rosters: {
      policy: config["rosters.policy"],
      http_roster_url: config["rosters.http_roster_url"],
      http_roster_secret: config["rosters.http_roster_secret"],
      refresh_url: config["rosters.refresh_url"],
      refresh_secret: config["rosters.refresh_secret"],
    },
  });
  const pushes = createPushes(ground);
  const ttl = {
    invite: config["invites.ttl"],
    reset: config["invites.reset_ttl"],
    max: config["invites.max_ttl"],
  };
  const needs = { ...ground, hosts, vault: createVault(secretKey, random), ttl };
  return {
    config,
    hosts,
    keys: createKeys(needs),
    invites: createInvites(needs),
    redemption: createRedemption({
      ...needs,
      lease: config["invites.lease"],
      retention: config["invites.retention"],
    }),
    tokenRecords: createTokenRecords(needs),
    rosters: createRosters({ ...needs, pushes, maxItems: config["rosters.max_items"] }),
    rosterRecords: createRosterRecords(ground),
    pushes,
  };
}

/** Where people may reach us if nobody says it: right for trying out, and no worse than it can be elsewhere. */
function guessUrl(listen: string, domain: string): string {
  if (listen.startsWith("unix:")) return `http://${domain}`;
  const everywhere = /^(0\.0\.0\.0|\[::\])(:\d+)$/.exec(listen);
  return everywhere ? `http://${domain}${everywhere[2]}` : `http://${listen}`;
}

/** Every route. */
export function createApp(
  { config, hosts, keys, invites }: Services,
  isReady: () => Promise<boolean>,
): Hono<HttpEnv> {
  const { authenticate } = keys;
  return createHttp({
    hostOf: (authority) => hosts.byAuthority(authority).domain,
    maxBody: config["http.max_body"],
    system: systemRoutes(isReady),
  })
    .route("/", invitesApiRoutes({ invites, authenticate, queryKeys: config["http.query_keys"] }))
    .route("/", invitePageRoutes(invites))
    .route("/v1/invites", inviteRoutes(invites, authenticate));
}

/** Every stanza handler. */
export function createStanzas(services: Services): IqHandlers {
  const { tokenRecords, redemption, rosters, rosterRecords, pushes } = services;
  return {
    ...inviteStanzas(tokenRecords, redemption),
    ...rosterStanzas(rosters, rosterRecords, pushes),
    // An account is gone: all that was its own goes too.
    [`set ${controlNs} purge`]: async ({ host, user }) => {
      if (user === undefined) throw new Problem("bad-request", "This needs a user in `to`.");
      await Promise.all([redemption.purge(host, user), rosterRecords.remove(host, user)]);
      return undefined;
    },
  };
}
