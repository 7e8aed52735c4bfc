import type { Hono } from "hono";
import { joinRoutes } from "./campaigns/join_routes.tsx";
import { joinRequestRoutes } from "./campaigns/request_routes.ts";
import { campaignRoutes } from "./campaigns/routes.ts";
import { sheetRoutes } from "./campaigns/sheet_routes.tsx";
import { templateRoutes } from "./campaigns/template_routes.ts";
import type { IqHandlers } from "./channel/dispatch.ts";
import { controlNs } from "./channel/stanza.ts";
import { Problem } from "./core/problem.ts";
import { dataApiRoutes } from "./data/api_routes.ts";
import { dataStanzas } from "./data/stanzas.ts";
import { dataRoutes } from "./data/data_routes.ts";
import { createAnswerStore } from "./data/routes.ts";
import { adminGroupRoutes } from "./groups/admin_api_routes.ts";
import { groupRoutes } from "./groups/routes.ts";
import type { HttpEnv } from "./http/env.ts";
import { createOpenPage } from "./http/open_page.ts";
import { createHttp } from "./http/server.ts";
import { systemRoutes } from "./http/system_routes.ts";
import { adHocStanzas } from "./invites/adhoc_stanzas.ts";
import { adminInviteRoutes } from "./invites/admin_api_routes.ts";
import { createAdminInvites } from "./invites/admin_invites.ts";
import { invitesApiRoutes } from "./invites/api_routes.ts";
import { inviteRequest, inviteRoutes } from "./invites/routes.ts";
import { inviteStanzas } from "./invites/stanzas.ts";
import { assetRoutes } from "./landing/asset_routes.ts";
import { landingRoutes } from "./landing/page_routes.tsx";
import { peopleRoutes } from "./people/routes.ts";
import { registerApiRoutes } from "./registration/register_api_routes.ts";
import { registrationRoutes } from "./registration/routes.tsx";
import { rosterBulkRoutes } from "./rosters/bulk_routes.ts";
import { contactsRoutes } from "./rosters/contacts_routes.ts";
import { rosterPairRoutes } from "./rosters/pair_routes.ts";
import { refreshRoutes } from "./rosters/refresh_routes.ts";
import { jsonLimits } from "./rosters/room.ts";
import { rosterRoutes } from "./rosters/routes.ts";
import { rosterStanzas } from "./rosters/stanzas.ts";
import { webhookRoutes } from "./webhooks/routes.ts";
import type { Services } from "./services.ts";
import { createAssets } from "./web/assets.ts";
import { createSites } from "./web/site.ts";

/** Every route. */
export function createApp(
  services: Services,
  isReady: () => Promise<boolean>,
): Hono<HttpEnv> {
  const { config, hosts, invites, userData, logins, trusted, rosters, rosterRefresh } = services;
  const { groups, groupMembers, adminGroups, landing, registration, formGuard: guard } = services;
  const { authenticate } = services.keys;
  const publicUrl = (host: string) => hosts.byDomain(host).publicUrl;
  const dataNeeds = {
    ...{ authenticate, logins, trusted, data: userData, answerStore: createAnswerStore(userData) },
    publicUrl,
  };
  const assets = createAssets(Deno.readFileSync);
  const siteOf = createSites(hosts.all, assets.add);
  const maxRoster = config["rosters.max_body"];
  const limits = jsonLimits({ maxItems: config["rosters.max_items"] });
  const openPage = createOpenPage(() => app);
  const app: Hono<HttpEnv> = createHttp({
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
    .route("/", landingRoutes({ landing, siteOf, webRegistration: registration.isOffered }))
    .route("/", registrationRoutes({ registration, guard, siteOf, openPage, appsOf: landing.apps }))
    .route("/", registerApiRoutes({ registration, siteName: (host) => siteOf(host).name }))
    .route("/", assetRoutes(assets))
    .route(
      "/",
      campaignRoutes({ ...services, authenticate, inviteRequest, most: config["campaigns.max_count"] }),
    )
    .route("/", sheetRoutes({ ...services, siteOf, authenticate }))
    .route("/", joinRequestRoutes({ ...services, authenticate, inviteRequest }))
    .route("/", joinRoutes({ ...services, guard, siteOf, publicUrl }))
    .route("/", templateRoutes({ ...services, authenticate, inviteRequest }))
    .route("/v1/invites", inviteRoutes(invites, authenticate))
    .route("/v1/groups", groupRoutes({ groups, members: groupMembers, authenticate }))
    .route("/v1/webhooks", webhookRoutes({ ...services, replays: services.webhookReplays, authenticate }))
    .route("/", peopleRoutes({ people: services.people, held: services.held, authenticate }))
    .route("/", adminInviteRoutes(createAdminInvites(invites), authenticate))
    .route("/", adminGroupRoutes({ groups, members: groupMembers, admin: adminGroups, authenticate }))
    .route("/", dataRoutes(dataNeeds))
    .route("/", dataApiRoutes(dataNeeds))
    .route("/", rosterRoutes({ rosters, authenticate, limits }))
    .route("/", rosterPairRoutes(rosters, authenticate))
    .route("/", rosterBulkRoutes({ rosters, authenticate, maxLine: maxRoster, limits }))
    .route("/", contactsRoutes(rosters, authenticate))
    .route("/", refreshRoutes(rosterRefresh, authenticate));
  return app;
}

const largestBulk = 1 << 30; // bytes of NDJSON, which is read line by line

/** Every stanza handler. */
export function createStanzas(services: Services): IqHandlers {
  const { tokenRecords, redemption, rosters, rosterRecords, pushes, upstream, held } = services;
  return {
    ...inviteStanzas(tokenRecords, redemption),
    ...adHocStanzas(services.adHoc),
    ...dataStanzas(services.stored),
    ...rosterStanzas({ rosters, records: rosterRecords, pushes, upstream }),
    // An account is gone: all that was its own goes too.
    [`set ${controlNs} purge`]: async ({ host, user }) => {
      if (user === undefined) throw new Problem("bad-request", "This needs a user in `to`.");
      await Promise.all([redemption.purge(host, user), held.gone(host, user)]);
      pushes.lookAgain(host, user); // later: Prosody waits for this answer now
      return undefined;
    },
  };
}
