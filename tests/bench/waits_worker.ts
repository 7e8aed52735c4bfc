/// <reference lib="deno.worker" />
// Looks a small roster up over a control socket again and again until it is told to stop, on a thread of its own;
// then says how long the longest took, ms.

self.onmessage = async ({ data: { path, line } }: MessageEvent<{ path: string; line: string }>) => {
  let stopped = false;
  self.onmessage = () => stopped = true;
  using socket = await Deno.connect({ transport: "unix", path });
  const buffer = new Uint8Array(65_536);
  const bytes = new TextEncoder().encode(line);
  let longest = 0;
  let count = 0;
  self.postMessage("ready");
  while (!stopped) {
    const start = performance.now();
    await socket.write(bytes);
    await socket.read(buffer);
    longest = Math.max(longest, performance.now() - start);
    count++;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  self.postMessage({ longest, count });
  self.close();
};
