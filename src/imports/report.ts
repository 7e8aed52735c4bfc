import type { KindReport } from "./imports.ts";
import type { Kind, Trouble } from "./tally.ts";

/** A trouble, and of which host's kind. */
export type TroubleOf = Trouble & { readonly host: string; readonly kind: Kind };

/** All that an import has to tell. */
export interface Report {
  readonly source: string;
  readonly dryRun: boolean;
  readonly kinds: KindReport[];
  readonly troubles: TroubleOf[];
  /** Troubles that were not told of one by one. */
  more: number;
  /** Hosts that somebody named, of which there is nothing. */
  readonly missing: readonly string[];
  /** Hosts that have something there, and are not served here. */
  readonly notServed: readonly string[];
}

/** Whether something that was asked for could not be done. */
export const isFailed = ({ kinds, missing }: Report): boolean =>
  kinds.length === 0 || missing.length > 0 || kinds.some(({ count }) => count.failed > 0);

/** For scripts. */
export const reportJson = ({ source, dryRun, kinds, troubles, notServed, missing }: Report) => ({
  ...{ source, dry_run: dryRun },
  hosts: Object.fromEntries(
    [...Map.groupBy(kinds, ({ host }) => host)].map(([host, all]) => [
      host,
      Object.fromEntries(
        all.map(({ kind, count, skipped }) => [kind, { ...count, ...(skipped && { skipped }) }]),
      ),
    ]),
  ),
  ...{ not_served: notServed, not_found: missing, problems: troubles },
});

/** For people: a row a kind. */
export function reportText({ kinds, dryRun }: Report): string {
  if (kinds.length === 0) return "";
  const head = [
    "host",
    "kind",
    "found",
    dryRun ? "would import" : "imported",
    "there already",
    "expired",
    "failed",
  ];
  const rows = kinds.map(({ host, kind, count }) => [
    ...[host, kind, count.found, count.imported, count.there_already, count.expired, count.failed].map(
      String,
    ),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ").trimEnd();
  return [head, ...rows].map(line).join("\n");
}

export const troubleLine = ({ host, kind, what, reason }: TroubleOf): string =>
  `${host}, ${kind}${what === undefined ? "" : ` ${JSON.stringify(what)}`}: ${reason}`;

/** What to do next. */
export function hintOf({ source, dryRun, kinds, more, missing, notServed }: Report): string {
  const skipped = kinds.flatMap(({ host, kind, skipped }) => skipped ? `${host}, ${kind}: ${skipped}` : []);
  return [
    ...more > 0 ? [`and ${more} more that are not told here; --json has them.`] : [],
    ...skipped,
    ...notServed.map((host) =>
      `${host} is not served here and was left out: add it to "hosts" and run this again.`
    ),
    ...missing.map((host) => `There is nothing of ${host} in ${source}.`),
    kinds.length === 0
      ? `There is nothing of a host that is served in ${source}. A data folder of Prosody's holds a folder for each ` +
        "host, such as example%2eorg; an SQLite file is named itself, such as DIR/prosody.sqlite."
      : dryRun
      ? "Nothing was changed."
      : "Done.",
  ].join("\n");
}
