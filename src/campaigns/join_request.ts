import { normaliseLocal } from "../core/jid.ts";
import { type Fault, Problem } from "../core/problem.ts";
import { inviteId } from "../invites/invite.ts";
import type { JoinRow } from "./join_store.ts";

export const joinStates = ["waiting", "approved", "declined"] as const;
export type JoinState = typeof joinStates[number];

/** Somebody who would like to have an account. Times are milliseconds since 1970. */
export interface JoinRequest {
  readonly id: string;
  readonly host: string;
  readonly state: JoinState;
  /** What they would like to be called. */
  readonly name: string;
  readonly username?: string;
  /** How they can be reached, in their words. */
  readonly reach?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly decided_by?: string;
  readonly created_at: number;
  readonly decided_at?: number;
}

/** What somebody has filled in. */
export interface Asked {
  readonly name: string;
  readonly username: string;
  readonly reach: string;
  readonly message: string;
}
export type AskedField = keyof Asked;

/** The most characters of each. */
export const longest: Readonly<Record<AskedField, number>> = {
  name: 100,
  username: 100,
  reach: 200,
  message: 2_000,
};

/** As it is kept. @throws Problem `invalid`; each fault's place is the field's name */
export function checkAsked(asked: Asked): Pick<JoinRow, "name" | "username" | "reach" | "message"> {
  const faults: Fault[] = [];
  const fault = (field: AskedField, reason: string) => void faults.push({ at: `/${field}`, reason });
  const line = (field: AskedField) => {
    const raw = asked[field].slice(0, 4 * longest[field] + 1); // long runs of combining marks cost n² below
    const many = field === "message"
      ? raw.replace(/\r\n?/g, "\n").trim()
      : raw.normalize("NFC").replace(/\s+/g, " ").trim();
    if (
      raw.length > 4 * longest[field] ||
      many.length > longest[field] || /[^\P{Cc}\n\t]/u.test(many) || !many.isWellFormed()
    ) {
      fault(field, `At most ${longest[field]} characters, none of them control characters.`);
    }
    return many === "" ? null : many;
  };
  const name = line("name");
  const wanted = line("username");
  const username = wanted === null ? null : normaliseLocal(wanted);
  if (name === null) fault("name", "This is missing.");
  if (username === undefined) fault("username", "This cannot be a username. Give the part before the @.");
  const [reach, message] = [line("reach"), line("message")];
  if (faults.length > 0) throw new Problem("invalid", "Some of the fields need another look.", faults);
  return { name: name ?? "", username: username ?? null, reach, message };
}

/** The reason as it is kept and shown. @throws Problem `invalid` */
export function checkReason(reason: string | undefined): string | null {
  const text = reason?.trim() ?? "";
  if (text.length <= 1_000 && text.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(text)) return text || null;
  const why = "A reason has 1000 characters at most, none of them control characters.";
  throw new Problem("invalid", why, [{ at: "/reason", reason: why }]);
}

export function joinRequestFromRow(row: JoinRow): JoinRequest {
  const { username, reach, message, reason, decided_by, decided_at } = row;
  return {
    id: inviteId(row.token_key),
    ...{ host: row.host, state: row.state, name: row.name },
    ...(username !== null && { username }),
    ...(reach !== null && { reach }),
    ...(message !== null && { message }),
    ...(reason !== null && { reason }),
    ...(decided_by !== null && { decided_by }),
    created_at: row.created_at,
    ...(decided_at !== null && { decided_at }),
  };
}

/** The shape that HTTP and `--json` show: times as RFC 3339 in UTC. */
export const joinRequestJson = ({ created_at, decided_at, ...rest }: JoinRequest) => ({
  ...rest,
  created_at: new Date(created_at).toISOString(),
  ...(decided_at !== undefined && { decided_at: new Date(decided_at).toISOString() }),
});
