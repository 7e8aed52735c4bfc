import { Problem } from "../core/problem.ts";

/** How many bytes a body may have, by how the path begins; the first that fits counts. */
export type BodyLimits = readonly (readonly [prefix: string, bytes: number])[];

/** The most bytes for this path; none where no limit fits. */
export const limitOf = (limits: BodyLimits, path: string): number =>
  limits.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 0;

/**
 * The request, with a body that fails once it has more than `most` bytes. Nothing is read before somebody asks:
 * who has no key gets no memory.
 * @throws Problem `too-large` at once if the request says so itself; otherwise whoever reads the body gets it
 */
export function boundBody(request: Request, most: number): Request {
  if (request.body === null) return request;
  const announced = request.headers.get("content-length");
  if (announced !== null && !request.headers.has("transfer-encoding")) {
    if (Number(announced) > most) throw tooLarge(most);
    return request; // the server reads no more than was announced
  }
  let size = 0;
  const counted = request.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length;
        if (size > most) controller.error(tooLarge(most));
        else controller.enqueue(chunk);
      },
    }),
  );
  return new Request(request, { body: counted });
}

const tooLarge = (most: number) => new Problem("too-large", `A body may have ${most} bytes at most.`);
