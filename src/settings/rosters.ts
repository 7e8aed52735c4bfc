import {
  duration,
  ofHost,
  optional,
  policy,
  rosterUrl,
  secret,
  setting,
  size,
  webUrl,
  whole,
} from "./types.ts";

/** Rosters. */
export const rosterSettings = {
  "rosters.policy": ofHost(setting({
    type: policy,
    default: "shared",
    meaning:
      "Who decides about rosters. `shared`: clients and the API. `managed`: the API alone. `upstream`: a " +
      "web app, which is asked at `http_roster_url`.",
  })),
  "rosters.http_roster_url": ofHost(optional({
    type: rosterUrl,
    meaning: "Where the web app tells a user's roster, for `upstream`; `%s` stands for the username.",
  })),
  "rosters.http_roster_secret": ofHost(optional({
    type: secret,
    env: "COUPLET_HTTP_ROSTER_SECRET",
    meaning: "A secret that is sent there as `Authorization: Bearer …`.",
  })),
  "rosters.http_roster_timeout": setting({
    type: duration,
    default: "5s",
    meaning: "How long the web app may take for one answer, asked a second time or not.",
  }),
  "rosters.refresh_url": ofHost(optional({
    type: webUrl,
    meaning:
      "An address that is told which users' rosters were changed here, as mod_http_roster_admin has it: " +
      "`http://127.0.0.1:5280/roster_admin/refresh`.",
  })),
  "rosters.refresh_secret": ofHost(optional({
    type: secret,
    env: "COUPLET_REFRESH_SECRET",
    meaning: "A secret that is sent there as `Authorization: Bearer …`.",
  })),
  "rosters.max_items": setting({
    type: whole(100_000),
    default: 20_000,
    meaning: "The most contacts of one roster.",
  }),
  "rosters.max_body": setting({
    type: size,
    default: 4 << 20,
    meaning: "The largest roster in a request, or from the web app, in bytes.",
  }),
} as const;
