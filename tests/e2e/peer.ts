/** One raw connection to the control socket. */
export interface Peer extends Disposable {
  /** Sends; `false` once the daemon has hung up. */
  send(bytes: string | Uint8Array): Promise<boolean>;
  /** The next line, or `undefined` at the end. @throws Error after `timeout` ms */
  line(timeout?: number): Promise<string | undefined>;
  /** Reads to the end: the last line, if there was one. @throws Error after `timeout` ms */
  last(timeout?: number): Promise<string | undefined>;
  close(): void;
}

/** Connects to the control socket at this path, and says nothing yet. */
export async function dial(path: string): Promise<Peer> {
  const conn = await Deno.connect({ transport: "unix", path });
  const reader = conn.readable.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const within = async <T>(work: Promise<T>, timeout: number): Promise<T> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The daemon said nothing for ${timeout} ms.`)), timeout);
    });
    return await Promise.race([work, late]).finally(() => clearTimeout(timer));
  };
  const peer: Peer = {
    async send(bytes) {
      const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
      try {
        for (let sent = 0; sent < all.length;) sent += await conn.write(all.subarray(sent));
        return true;
      } catch {
        return false;
      }
    },
    async line(timeout = 5_000) {
      for (;;) {
        const at = rest.indexOf("\n");
        if (at >= 0) {
          const line = rest.slice(0, at);
          rest = rest.slice(at + 1);
          return line;
        }
        const { done, value } = await within(
          // A peer that is cut off with our bytes unread sees a reset: that is an end as well.
          reader.read().catch(() => ({ done: true, value: undefined })),
          timeout,
        );
        if (done || value === undefined) return undefined;
        rest += value;
      }
    },
    async last(timeout) {
      let last: string | undefined;
      for (let line = await peer.line(timeout); line !== undefined; line = await peer.line(timeout)) {
        last = line;
      }
      return last;
    },
    close() {
      try {
        conn.close();
      } catch { /* the daemon was first */ }
    },
    [Symbol.dispose]: () => peer.close(),
  };
  return peer;
}

/** Links to the daemon in the place of a Prosody, as soon as that has left it: from then on it is refused. */
export async function takeLink(path: string, host: string): Promise<Peer> {
  for (;;) {
    const peer = await dial(path);
    await peer.send(`<hello xmlns='urn:couplet:control:1' role='link' host='${host}' server='Another'/>\n`);
    if ((await peer.line())?.startsWith("<hello")) return peer;
    peer.close();
  }
}
