import { parseStanza } from "./channel/stanza.ts";
import { type Campaigns, createCampaigns } from "./campaigns/campaigns.ts";
import { createJoining, type Joining } from "./campaigns/joining.ts";
import { createTemplates, type Templates, withTemplates } from "./campaigns/templates.ts";
import type { Config } from "./config.ts";
import { createAttempts } from "./core/attempts.ts";
import type { Clock } from "./core/clock.ts";
import { createGate } from "./core/gate.ts";
import { createVault, deriveKey, type Random } from "./core/token.ts";
import { createTrust, type Trust } from "./data/asker.ts";
import { createUserData, type UserData } from "./data/data.ts";
import { createDocuments } from "./data/document.ts";
import { createDataHeld } from "./data/held.ts";
import { createLogins, type Logins } from "./data/logins.ts";
import { createGroupHeld } from "./groups/held.ts";
import { createGroupServices, type GroupServices } from "./groups/services.ts";
import { createHosts, type Hosts } from "./hosts/hosts.ts";
import { type AdHoc, createAdHoc } from "./invites/adhoc.ts";
import { createInvites, type Invites } from "./invites/invites.ts";
import { createInvitesOfPeople } from "./invites/of_people.ts";
import { createOpenToken } from "./invites/open_token.ts";
import { createTokenRecords, type TokenRecords } from "./invites/records.ts";
import { createRedemption, type Redemption } from "./invites/redemption.ts";
import type { Imports } from "./imports/imports.ts";
import { createFormGuard, type FormGuard } from "./http/form_guard.ts";
import { createKeys, type Keys } from "./keys/keys.ts";
import { createShown } from "./invites/shown.ts";
import { createLanding, type Landing } from "./landing/landing.ts";
import { createRegistration, type Registration } from "./registration/registration.ts";
import { createCalm } from "./people/calm.ts";
import { createHeldOfPeople, type HeldOfPeople } from "./people/held.ts";
import { createPeople, type People } from "./people/people.ts";
import { createWatch } from "./people/watch.ts";
import { createRosterHeld } from "./rosters/held.ts";
import { createRefresh } from "./rosters/refreshing.ts";
import { createUpstream, type Upstream } from "./rosters/upstream.ts";
import { createPushes, type Pushes } from "./rosters/pushes.ts";
import { createRosterRecords, type RosterRecords } from "./rosters/records.ts";
import type { RosterRefresh } from "./rosters/refresh.ts";
import { createRosters, type Rosters } from "./rosters/rosters.ts";
import { createRosterTransfer, type RosterTransfer } from "./rosters/transfer.ts";
import { createGuarded, type Lookup } from "./outbound/guarded.ts";
import type { Outbound } from "./outbound/outbound.ts";
import type { Prosody } from "./prosody/prosody.ts";
import type { StoredData } from "./prosody/stored_data.ts";
import type { Database } from "./store/database.ts";
import { createSend } from "./webhooks/attempt.ts";
import { createDeliveries, type Deliveries } from "./webhooks/deliveries.ts";
import { createEvents, type Events } from "./webhooks/events.ts";
import { createReplays, type Replays } from "./webhooks/replays.ts";
import { createWebhooks, type Webhooks } from "./webhooks/webhooks.ts";
import { chooseLanguage } from "./web/language.ts";

const passwordChecks = { atATime: 2, waiting: 100, patience: 5_000 }; // of a host; each takes Prosody 1 ms
const registrations = { atATime: 2, waiting: 100, patience: 5_000 }; // of a host; as above
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
  /** How webhooks find addresses; the system's own outside of tests. */
  readonly lookup?: Lookup;
}

export interface Services extends GroupServices {
  readonly config: Config;
  readonly hosts: Hosts;
  readonly keys: Keys;
  readonly invites: Invites;
  readonly adHoc: AdHoc;
  readonly redemption: Redemption;
  readonly tokenRecords: TokenRecords;
  readonly landing: Landing;
  readonly registration: Registration;
  readonly formGuard: FormGuard;
  readonly people: People;
  readonly held: HeldOfPeople;
  readonly userData: UserData;
  readonly logins: Logins;
  readonly trusted: Trust;
  readonly stored: StoredData;
  readonly rosters: Rosters;
  readonly rosterRecords: RosterRecords;
  readonly rosterTransfer: RosterTransfer;
  /** Loaded when it is asked for: the daemon never does. */
  readonly imports: () => Promise<Imports>;
  readonly rosterRefresh: RosterRefresh;
  readonly upstream: Upstream;
  readonly pushes: Pushes;
  readonly joining: Joining;
  readonly campaigns: Campaigns;
  readonly templates: Templates;
  readonly events: Events;
  readonly webhooks: Webhooks;
  readonly webhookReplays: Replays;
  readonly deliveries: Deliveries;
}

/** Every service, wired. */
export function createServices(ground: Ground): Services {
  const { config, secretKey, random, floor = 200 } = ground;
  const hosts = createHosts(config.hosts, {
    url: (domain) => config["http.public_url"] ?? guessUrl(config["http.listen"], domain),
    settings: config,
  });
  const room = { maxItems: config["rosters.max_items"], maxBytes: config["rosters.max_body"] };
  const events = createEvents(ground);
  const { emit } = events;
  const pushes = createPushes({ ...ground, hosts });
  const upstream = createUpstream({
    ...{ ...ground, hosts, pushes, emit, wait: firstWait },
    isLocal: (jid) => hosts.isServed(jid),
    room,
    maxBytes: config["rosters.max_body"],
    timeout: config["rosters.http_roster_timeout"],
  });
  const groupServices = createGroupServices({ ...ground, hosts, pushes, room, emit });
  const ttl = {
    invite: config["invites.ttl"],
    reset: config["invites.reset_ttl"],
    max: config["invites.max_ttl"],
  };
  const vault = createVault(secretKey, random);
  const calm = createCalm(ground.database);
  const ofPeople = {
    ...ground,
    hosts,
    calm,
    emit,
    words: (host: string) => chooseLanguage(hosts.byDomain(host).settings["pages.language"]).words.people,
  };
  const watch = createWatch(ofPeople);
  const guarded = createGuarded({ permitted: config["webhooks.allow_private"], lookup: ground.lookup });
  const send = createSend({ ...ground, vault, guarded, timeout: config["webhooks.timeout"] });
  const needs = {
    ...ground,
    hosts,
    vault,
    openToken: createOpenToken(vault),
    ttl,
    groups: groupServices.groupJoining,
    emit,
    watch,
  };
  const rosterTransfer = createRosterTransfer({ ...needs, isElement });
  const templates = createTemplates(needs);
  const invites = withTemplates(createInvites(needs), hosts, templates.resolve);
  const invitesOfPeople = createInvitesOfPeople({ ...ground, emit });
  const people = createPeople({ ...ofPeople, invites: invitesOfPeople });
  const documents = createDocuments(deriveKey(secretKey, "data tags"));
  const userData = createUserData({ ...needs, documents });
  return {
    config,
    hosts,
    keys: createKeys(needs),
    invites,
    adHoc: createAdHoc({ ...needs, invites }),
    landing: createLanding({ findShown: createShown(needs), hosts }),
    registration: createRegistration({
      ...{ invites, hosts, prosody: ground.prosody },
      attempts: createAttempts(ground),
      gate: createGate(registrations),
    }),
    formGuard: createFormGuard({ ...ground, publicUrl: (host) => hosts.byDomain(host).publicUrl }),
    people,
    held: createHeldOfPeople({
      ...{ hosts, clock: ground.clock },
      all: [
        { name: "invites", ...invitesOfPeople },
        people.held,
        createGroupHeld({ ...ground, ...groupServices }),
        createRosterHeld({ ...ground, pushes }),
        createDataHeld({ ...ground, versions: userData.versions }),
      ],
    }),
    userData,
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
      ...{ ...needs, events },
      lease: config["invites.lease"],
      retention: config["invites.retention"],
    }),
    tokenRecords: createTokenRecords(needs),
    rosters: createRosters({ ...needs, pushes, room }),
    rosterRecords: createRosterRecords({ ...ground, emit, room, missing: upstream.missing }),
    rosterTransfer,
    imports: async () =>
      (await import("./imports/imports.ts")).createImports({
        ...{ ...needs, ...groupServices, rosterTransfer, joining: groupServices.groupJoining },
      }),
    rosterRefresh: createRefresh({ ...ground, hosts, upstream }),
    upstream,
    pushes,
    ...groupServices,
    joining: createJoining({
      ...{ ...needs, invites, resolve: templates.resolve },
      retention: config["campaigns.request_retention"],
    }),
    templates,
    campaigns: createCampaigns({
      ...needs,
      resolve: templates.resolve,
      retention: config["invites.retention"],
    }),
    events,
    webhooks: createWebhooks({ ...needs, guarded, events, send, max: config["webhooks.max"] }),
    webhookReplays: createReplays(needs),
    deliveries: createDeliveries({
      ...{ ...ground, send },
      retention: config["webhooks.retention"],
      disableAfter: config["webhooks.disable_after"],
    }),
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
