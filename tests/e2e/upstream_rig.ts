import { json, type Script, startWebApp, type WebApp } from "../rosters/web_app.ts";
import type { ProsodyInstall } from "../setup/prosody.ts";
import { makeKey } from "./pair.ts";
import { host, type Stage, startStage } from "./roster_rig.ts";

/** A pair whose rosters a scripted web app decides about. */
export interface UpstreamStage extends Stage {
  readonly web: WebApp;
  /** What the app knows, by username: contacts by username. */
  readonly rosters: Record<string, Record<string, unknown>>;
  /** The app answers with what it knows. */
  readonly knows: Script;
  /** What a web app does when rosters have changed: the answer. */
  refresh(...users: string[]): Promise<unknown>;
}

export async function startUpstream(install: ProsodyInstall): Promise<UpstreamStage> {
  await using stack = new AsyncDisposableStack();
  const rosters: UpstreamStage["rosters"] = {};
  const knows: Script = ({ path }) => {
    const roster = rosters[decodeURIComponent(path.split("/").at(-1) ?? "")];
    if (!roster) return new Response("no such user", { status: 404 });
    return json(Object.fromEntries(Object.entries(roster).map(([name, item]) => [`${name}@${host}`, item])));
  };
  const web = stack.use(startWebApp(knows));
  const stage = stack.use(
    await startStage(install, {
      toml: `[rosters]\npolicy = "upstream"\nhttp_roster_url = "${web.origin}/contacts/%s"\n` +
        `http_roster_timeout = "5s"\nmax_body = 10000\n`,
    }),
  );
  const key = await makeKey(stage.pair.couplet, host);
  const started = stack.move();
  return {
    ...stage,
    ...{ web, rosters, knows },
    async refresh(...users) {
      const response = await fetch(`${stage.pair.couplet.url}/roster_admin/refresh`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify(users),
      });
      return await response.json();
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
