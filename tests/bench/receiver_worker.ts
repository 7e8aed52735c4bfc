/// <reference lib="deno.worker" />
// Takes webhooks and forgets them; says where.
Deno.serve({
  ...{ hostname: "127.0.0.1", port: 0 },
  onListen: ({ port }) => self.postMessage(`http://127.0.0.1:${port}/`),
}, () => new Response(null, { status: 204 }));
