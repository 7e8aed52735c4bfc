/** What a scripted web app was asked. */
export interface Asked {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export type Script = (asked: Asked) => Response | Promise<Response>;

/** Somebody else's web app on a port of its own: it answers what the test says, and can be down. */
export interface WebApp extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** All requests so far. */
  readonly asked: Asked[];
  /** How many were under way at once, at most. */
  readonly most: number;
  answer: Script;
  /** Its port is closed, and whoever waits for an answer gets none, until `up`. */
  down(): Promise<void>;
  up(): void;
}

export const json = (value: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(value), init);

export function startWebApp(answer: Script = () => json({})): WebApp {
  const asked: Asked[] = [];
  let [now, most, port] = [0, 0, 0];
  let server: Deno.HttpServer<Deno.NetAddr> | undefined;
  let closing = new AbortController();
  const app = {
    ...{ asked, answer },
    get port() {
      return port;
    },
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    get most() {
      return most;
    },
    async down() {
      closing.abort();
      await server?.finished;
    },
    up() {
      closing = new AbortController();
      const { signal } = closing;
      server = Deno.serve({ hostname: "127.0.0.1", port, signal, onListen() {} }, async (request) => {
        const { pathname, search } = new URL(request.url);
        const { method, headers } = request;
        const one = { method, path: pathname + search, headers, body: await request.text() };
        asked.push(one);
        most = Math.max(most, ++now);
        try {
          return await app.answer(one);
        } finally {
          now--;
        }
      });
      port = server.addr.port;
    },
    [Symbol.asyncDispose]: () => app.down(),
  };
  app.up();
  return app;
}

/** Something that a test holds up until it says so. */
export function createGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

/** Looks again and again, and lets everything else go on meanwhile. @throws Error after 5 s */
export async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`This did not become true: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
