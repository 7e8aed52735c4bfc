/** A program that runs beside a test. */
export interface Process {
  /** All that it wrote so far, on stdout and stderr. */
  log(): string;
  /**
   * The first thing that `find` makes of the log, as soon as it is there.
   * @throws Error with the end of the log, if the program ends first or `timeout` ms go by
   */
  until<T>(find: (log: string) => T | undefined, timeout?: number): Promise<T>;
  /** Asks it to end (SIGTERM), forces it after 10 s (SIGKILL, code 137), and says its exit code. */
  stop(): Promise<number>;
  /** Ends it at once (SIGKILL), as a crash would. */
  kill(): Promise<void>;
}

/** What a program that has ended left behind. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of deno.json and main.ts. */
export const repository = new URL("../../", import.meta.url).pathname;

const patience = 20_000; // ms

/** Starts a program in the repository's folder and leaves it running. */
export function startProcess(command: readonly string[], env: Record<string, string> = {}): Process {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    ...{ args, env, cwd: repository },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  let written = "";
  let running = true;
  const watchers = new Set<() => void>();
  const wake = () => watchers.forEach((watcher) => watcher());
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      written += text;
      wake();
    }
  };
  const ended = Promise.all([child.status, read(child.stdout), read(child.stderr)]).then(([{ code }]) => {
    running = false;
    wake();
    return code;
  });
  const signal = (name: Deno.Signal) => {
    try {
      if (running) child.kill(name);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // It has ended, and we have not been told yet.
    }
  };

  return {
    log: () => written,
    until(find, timeout = patience) {
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          watchers.delete(look);
          settle();
        };
        const fail = (why: string) =>
          finish(() => reject(new Error(`${program} ${why}. It wrote:\n${written.slice(-4_000)}`)));
        const timer = setTimeout(() => fail(`did not get there in ${timeout} ms`), timeout);
        const look = () => {
          const found = find(written);
          if (found !== undefined) finish(() => resolve(found));
          else if (!running) fail("ended");
        };
        watchers.add(look);
        look();
      });
    },
    async stop() {
      signal("SIGTERM");
      const timer = setTimeout(() => signal("SIGKILL"), 10_000);
      return await ended.finally(() => clearTimeout(timer));
    },
    async kill() {
      signal("SIGKILL");
      await ended;
    },
  };
}

/** Runs a program in the repository's folder to its end; one that takes longer than 20 s is killed. */
export async function runProcess(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Output> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, {
    ...{ args, env, cwd: repository },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), patience);
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** A TCP port that nobody listened on a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
