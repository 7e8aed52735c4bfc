import type { Hono } from "hono";
import type { IqHandlers } from "./channel/dispatch.ts";
import { controlNs, parseStanza } from "./channel/stanza.ts";
import type { Config } from "./config.ts";
import { createAttempts } from "./core/attempts.ts";
import type { Clock } from "./core/clock.ts";
import { createGate } from "./core/gate.ts";
import { Problem } from "./core/problem.ts";
import { createVault, deriveKey, type Random } from "./core/token.ts";
import { createTrust, type Trust } from "./data/asker.ts";
import { dataApiRoutes } from "./data/api_routes.ts";
import { createUserData, type UserData } from "./data/data.ts";
import { dataStanzas } from "./data/stanzas.ts";
import { dataRoutes } from "./data/data_routes.ts";
import { createDocuments } from "./data/document.ts";
import { createLogins, type Logins } from "./data/logins.ts";
import { createAnswerStore } from "./data/routes.ts";
import { createHosts, type Hosts } from "./hosts/hosts.ts";
import type { HttpEnv } from "./http/env.ts";
import { createHttp } from "./http/server.ts";
import { systemRoutes } from "./http/system_routes.ts";
import { invitesApiRoutes } from "./invites/api_routes.ts";
import { createInvites, type Invites } from "./invites/invites.ts";
import { createOpenToken } from "./invites/open_token.ts";
import { createTokenRecords, type TokenRecords } from "./invites/records.ts";
import { createRedemption, type Redemption } from "./invites/redemption.ts";
import { inviteRoutes } from "./invites/routes.ts";
import { createShown } from "./invites/shown.ts";
import { inviteStanzas } from "./invites/stanzas.ts";
import { createKeys, type Keys } from "./keys/keys.ts";
import { rosterBulkRoutes } from "./rosters/bulk_routes.ts";
import { contactsRoutes } from "./rosters/contacts_routes.ts";
import { rosterPairRoutes } from "./rosters/pair_routes.ts";
import { createRefresh } from "./rosters/refreshing.ts";
import { createUpstream, type Upstream } from "./rosters/upstream.ts";
import { createPushes, type Pushes } from "./rosters/pushes.ts";
import { createRosterRecords, type RosterRecords } from "./rosters/records.ts";
import type { RosterRefresh } from "./rosters/refresh.ts";
import { refreshRoutes } from "./rosters/refresh_routes.ts";
import { createRosters, type Rosters } from "./rosters/rosters.ts";
import { jsonLimits } from "./rosters/room.ts";
import { rosterRoutes } from "./rosters/routes.ts";
import { rosterStanzas } from "./rosters/stanzas.ts";
import { createRosterTransfer, type RosterTransfer } from "./rosters/transfer.ts";
import { landingRoutes } from "./landing/page_routes.tsx";
import { createLanding, type Landing } from "./landing/landing.ts";
import { assetRoutes } from "./landing/asset_routes.ts";
import type { Outbound } from "./outbound/outbound.ts";
import type { Prosody } from "./prosody/prosody.ts";
import type { StoredData } from "./prosody/stored_data.ts";
import type { Database } from "./store/database.ts";
import { createAssets } from "./web/assets.ts";
import { createSites } from "./web/site.ts";

const passwordChecks = { atATime: 2, waiting: 100, patience: 5_000 }; // of a host; each takes Prosody 1 ms
const firstWait = 250; // ms that Prosody waits for a roster which the web app was never asked for

/** What the services stand on. */
export interface Ground {
  readonly config: Config;
  readonly database: Database;
  /** 32 bytes from outside of the database. */
  readonly secretKey: Uint8Array;
  readonly prosody: Prosody;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly random: Random;
  /** What a wrong password is told of no sooner than, ms: 200, as long as a check takes as good as always. */
  readonly floor?: number;
}

export interface Services {
  readonly config: Config;
  readonly hosts: Hosts;
  readonly keys: Keys;
  readonly invites: Invites;
  readonly landing: Landing;
  readonly redemption: Redemption;
  readonly tokenRecords: TokenRecords;
  readonly userData: UserData;
  readonly logins: Logins;
  readonly trusted: Trust;
  readonly stored: StoredData;
  readonly rosters: Rosters;
  readonly rosterRecords: RosterRecords;
  readonly rosterTransfer: RosterTransfer;
  readonly rosterRefresh: RosterRefresh;
  readonly upstream: Upstream;
  readonly pushes: Pushes;
}

/** Every service, wired. */
export function createServices(ground: Ground): Services {
  const { config, secretKey, random, floor = 200 } = ground;
  const hosts = createHosts(config.hosts, {
    url: (domain) => config["http.public_url"] ?? guessUrl(config["http.listen"], domain),
    settings: config,
  });
  const room = { maxItems: config["rosters.max_items"], maxBytes: config["rosters.max_body"] };
  const pushes = createPushes({ ...ground, hosts });
  const upstream = createUpstream({
    ...{ ...ground, hosts, pushes, wait: firstWait },
    isLocal: (jid) => hosts.isServed(jid),
    room,
    maxBytes: config["rosters.max_body"],
    timeout: config["rosters.http_roster_timeout"],
  });
  const ttl = {
    invite: config["invites.ttl"],
    reset: config["invites.reset_ttl"],
    max: config["invites.max_ttl"],
  };
  const vault = createVault(secretKey, random);
  const needs = { ...ground, hosts, vault, openToken: createOpenToken(vault), ttl };
  return {
    config,
    hosts,
    keys: createKeys(needs),
    invites: createInvites(needs),
    landing: createLanding({ findShown: createShown(needs), hosts }),
    userData: createUserData({ ...needs, documents: createDocuments(deriveKey(secretKey, "data tags")) }),
    logins: createLogins({
      stored: ground.prosody.stored,
      attempts: createAttempts(ground),
      gate: createGate(passwordChecks),
      proofKey: random(new Uint8Array(32)),
      floor,
    }),
    trusted: createTrust(ground.prosody.stored),
    stored: ground.prosody.stored,
    redemption: createRedemption({
      ...needs,
      lease: config["invites.lease"],
      retention: config["invites.retention"],
    }),
    tokenRecords: createTokenRecords(needs),
    rosters: createRosters({ ...needs, pushes, room }),
    rosterRecords: createRosterRecords({ ...ground, room, missing: upstream.missing }),
    rosterTransfer: createRosterTransfer({ ...needs, isElement }),
    rosterRefresh: createRefresh({ ...ground, hosts, upstream }),
    upstream,
    pushes,
  };
}

/** Whether it can be parsed again, by us and by Prosody. */
function isElement(text: string): boolean {
  try {
    return parseStanza(text) !== undefined;
  } catch {
    return false;
  }
}

/** Where people may reach us if nobody says it: right for trying out, and no worse than it can be elsewhere. */
function guessUrl(listen: string, domain: string): string {
  if (listen.startsWith("unix:")) return `http://${domain}`;
  const everywhere = /^(0\.0\.0\.0|\[::\])(:\d+)$/.exec(listen);
  return everywhere ? `http://${domain}${everywhere[2]}` : `http://${listen}`;
}

/** Every route. */
export function createApp(
  { config, hosts, keys, invites, landing, userData, logins, trusted, rosters, rosterRefresh }: Services,
  isReady: () => Promise<boolean>,
): Hono<HttpEnv> {
  const { authenticate } = keys;
  const dataNeeds = {
    ...{ authenticate, logins, trusted, data: userData, answerStore: createAnswerStore(userData) },
    publicUrl: (host: string) => hosts.byDomain(host).publicUrl,
  };
  const assets = createAssets(Deno.readFileSync);
  const siteOf = createSites(hosts.all, assets.add);
  const maxRoster = config["rosters.max_body"];
  const limits = jsonLimits({ maxItems: config["rosters.max_items"] });
  return createHttp({
    hostOf: (authority) => hosts.byAuthority(authority).domain,
    bodies: [
      ["/v1/rosters/", maxRoster],
      ["/v1/rosters", largestBulk],
      ["/v1/roster_pairs", maxRoster],
      ["/roster_admin/", maxRoster],
      ["/data/", config["data.max_body"]],
      ["/v1/data/", config["data.max_body"]],
      ["/", config["http.max_body"]],
    ],
    proxies: config["http.trusted_proxies"] ?? [],
    system: systemRoutes(isReady),
  })
    .route("/", invitesApiRoutes({ invites, authenticate, queryKeys: config["http.query_keys"] }))
    .route(
      "/",
      landingRoutes({ landing: landing, siteOf, webRegistration: () => true }),
    )
    .route("/", assetRoutes(assets))
    .route("/v1/invites", inviteRoutes(invites, authenticate))
    .route("/", dataRoutes(dataNeeds))
    .route("/", dataApiRoutes(dataNeeds))
    .route("/", rosterRoutes({ rosters, authenticate, limits }))
    .route("/", rosterPairRoutes(rosters, authenticate))
    .route("/", rosterBulkRoutes({ rosters, authenticate, maxLine: maxRoster, limits }))
    .route("/", contactsRoutes(rosters, authenticate))
    .route("/", refreshRoutes(rosterRefresh, authenticate));
}

const largestBulk = 1 << 30; // bytes of NDJSON, which is read line by line

/** Every stanza handler. */
export function createStanzas(services: Services): IqHandlers {
  const { tokenRecords, redemption, rosters, rosterRecords, pushes, upstream, userData } = services;
  return {
    ...inviteStanzas(tokenRecords, redemption),
    ...dataStanzas(services.stored),
    ...rosterStanzas({ rosters, records: rosterRecords, pushes, upstream }),
    // An account is gone: all that was its own goes too.
    [`set ${controlNs} purge`]: async ({ host, user }) => {
      if (user === undefined) throw new Problem("bad-request", "This needs a user in `to`.");
      await Promise.all([
        redemption.purge(host, user),
        rosterRecords.remove(host, user),
        userData.versions.purge(host, user),
      ]);
      pushes.lookAgain(host, user); // later: Prosody waits for this answer now
      return undefined;
    },
  };
}
