import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Problem } from "../core/problem.ts";
import { nextTurn } from "../core/turn.ts";
import { type Db, isBusy } from "./database.ts";

/**
 * Runs `work` and answers with its result once that is on disk (synchronous = FULL).
 * Inside, await nothing but queries on the `db` that is handed in. If `work` throws, nothing of it is kept.
 */
export type Write = <T>(work: (db: Db) => Promise<T>) => Promise<T>;

interface Job {
  readonly work: (db: Db) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const longestWait = 5_000; // ms for which another process may hold the file before we give up
const largestBatch = 64; // jobs to a commit: bounds how long the event loop is held

/**
 * Gathers what is asked for at the same time into one commit: an fsync is what a write costs.
 * Each job stands in a savepoint of its own, so that its failure is its own.
 * @param written is called after each commit, before anybody is answered
 */
export function createWriter(
  sqlite: DatabaseSync,
  db: Db,
  written: () => void = () => {},
): { write: Write; drain: () => Promise<void> } {
  const queue: Job[] = [];
  let running: Promise<void> | undefined;
  let statements:
    | Record<"begin" | "commit" | "rollback" | "save" | "release" | "undo", StatementSync>
    | undefined;

  const run = () =>
    statements ??= {
      begin: sqlite.prepare("begin immediate"),
      commit: sqlite.prepare("commit"),
      rollback: sqlite.prepare("rollback"),
      save: sqlite.prepare("savepoint job"),
      release: sqlite.prepare("release job"),
      undo: sqlite.prepare("rollback to job"),
    };

  async function begin(): Promise<void> {
    for (const end = Date.now() + longestWait;;) {
      try {
        run().begin.run();
        return;
      } catch (error) {
        if (!isBusy(error) || Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
  }

  async function runBatch(jobs: Job[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      await begin();
      for (const { work, resolve, reject } of jobs) {
        run().save.run();
        try {
          const value = await work(db);
          answers.push(() => resolve(value));
        } catch (error) {
          if (!sqlite.isTransaction) throw error; // the disk is full or failing: SQLite has given up all of it
          run().undo.run();
          answers.push(() => reject(error));
        }
        run().release.run();
      }
      run().commit.run();
      written();
    } catch (error) {
      if (sqlite.isTransaction) run().rollback.run();
      const problem = new Problem(
        "store-unavailable",
        "The store could not be written. Nothing was changed.",
      );
      problem.cause = error;
      for (const { reject } of jobs) reject(problem);
      return;
    }
    for (const answer of answers) answer();
  }

  async function flush(): Promise<void> {
    while (queue.length > 0) {
      await runBatch(queue.splice(0, largestBatch));
      if (queue.length > 0) await nextTurn();
    }
    running = undefined; // in the same breath as the last look at the queue: nobody is left behind
  }

  const start = () => nextTurn().then(flush); // after this turn's callers
  return {
    write: <T>(work: (db: Db) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
        running ??= start();
      }),
    drain: async () => {
      while (running) await running;
    },
  };
}
