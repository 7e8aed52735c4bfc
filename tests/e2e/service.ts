import type { Process } from "./process.ts";

/** A program that a test may stop, crash and start again. */
export interface Service {
  /** All that it wrote, before restarts too. */
  log(): string;
  /**
   * Waits until its log holds this, written since it was last started.
   * @throws Error with the end of the log, if it ends first or `timeout` ms (20 s) go by
   */
  logged(text: string, timeout?: number): Promise<void>;
  /** Stops and starts it, on the same ports and files. After `stop` or `kill` it only starts it. */
  restart(): Promise<void>;
  /** SIGTERM; says the exit code, 137 if it had to be forced. */
  stop(): Promise<number>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/**
 * Starts a program and waits until its log says that it is ready. If it never is, nothing stays behind.
 * @throws Error with the end of the log, if it ends or takes too long
 */
export async function startService(
  spawn: () => Process,
  isReady: (log: string) => boolean,
): Promise<Service> {
  let earlier = "";
  let current: Process | undefined;

  async function start(): Promise<void> {
    current = spawn();
    try {
      await current.until((log) => isReady(log) || undefined);
    } catch (error) {
      await kill();
      throw error;
    }
  }
  async function stop(): Promise<number> {
    const code = await current?.stop();
    forget();
    return code ?? 0;
  }
  async function kill(): Promise<void> {
    await current?.kill();
    forget();
  }
  function forget(): void {
    earlier += current?.log() ?? "";
    current = undefined;
  }

  await start();
  return {
    ...{ stop, kill },
    log: () => earlier + (current?.log() ?? ""),
    async logged(text, timeout) {
      if (current === undefined) {
        throw new Error(`It does not run, so it will not log ${JSON.stringify(text)}.`);
      }
      await current.until((log) => log.includes(text) || undefined, timeout);
    },
    async restart() {
      await stop();
      await start();
    },
  };
}
