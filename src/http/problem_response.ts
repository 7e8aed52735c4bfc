import { type Problem, problems } from "../core/problem.ts";

/** A Problem, or what it says without having been thrown. */
type Told = Pick<Problem, "code" | "detail"> & Partial<Pick<Problem, "faults">>;

/** A failure as RFC 9457 problem+json. `type` is stable: `urn:couplet:problem:CODE`. */
export function problemResponse(problem: Told, headers: Record<string, string> = {}): Response {
  const { status, title } = problems[problem.code];
  const body = {
    type: `urn:couplet:problem:${problem.code}`,
    title,
    status,
    detail: problem.detail,
    ...(problem.faults?.length && {
      errors: problem.faults.map(({ at, reason }) => ({ pointer: at, detail: reason })),
    }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 401 && { "www-authenticate": 'Bearer realm="couplet"' }),
      ...(status === 503 && { "retry-after": "5" }),
      ...headers,
    },
  });
}
