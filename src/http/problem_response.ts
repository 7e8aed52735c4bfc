import { type Problem, problems } from "../core/problem.ts";

/** A Problem, or what it says without having been thrown. */
type Told = Pick<Problem, "code" | "detail"> & Partial<Pick<Problem, "faults" | "retryAfter">>;

/** A failure as RFC 9457 has it. `type` is stable: `urn:couplet:problem:CODE`. */
export function problemJson(problem: Told) {
  const { status, title } = problems[problem.code];
  return {
    type: `urn:couplet:problem:${problem.code}`,
    title,
    status,
    detail: problem.detail,
    ...(problem.faults?.length && {
      errors: problem.faults.map(({ at, reason }) => ({ pointer: at, detail: reason })),
    }),
  };
}

/** A failure as an answer: problem+json. */
export function problemResponse(problem: Told, headers: Record<string, string> = {}): Response {
  const body = problemJson(problem);
  const retryAfter = problem.retryAfter ?? (body.status === 503 ? 5 : undefined);
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(body.status === 401 && { "www-authenticate": 'Bearer realm="couplet"' }),
      ...(retryAfter !== undefined && { "retry-after": `${retryAfter}` }),
      ...(body.status === 429 &&
        { ratelimit: `"default";r=0${retryAfter === undefined ? "" : `;t=${retryAfter}`}` }),
      ...headers,
    },
  });
}

/** 405 with the methods that there are, such as `GET, HEAD, PUT`. */
export const notAllowed = (allow: string): Response =>
  problemResponse({ code: "method-not-allowed", detail: `Use one of ${allow}.` }, { allow });
