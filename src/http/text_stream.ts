import { getLogger } from "@logtape/logtape";

const log = getLogger(["couplet", "http"]);

/**
 * An answer whose text is made while it is read: no faster, and no more once nobody reads it any more. What fails
 * before the first of it is the whole answer's failure; after that the connection breaks off.
 */
export async function streamText(
  texts: AsyncGenerator<string, void>,
  init: { status?: number; headers: Record<string, string> },
): Promise<Response> {
  const encoder = new TextEncoder();
  let next: IteratorResult<string, void> | undefined = await texts.next();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        let step = next ?? await texts.next();
        next = undefined;
        while (!step.done && step.value === "") step = await texts.next(); // an empty chunk would be the end
        if (step.done) controller.close();
        else controller.enqueue(encoder.encode(step.value));
      } catch (error) {
        log.error("An answer broke off: {reason}", { reason: String(error) });
        controller.error(error);
      }
    },
    async cancel() {
      await texts.return();
    },
  }, { highWaterMark: 0 });
  return new Response(stream, init);
}
