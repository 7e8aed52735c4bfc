/** What a command reads and writes that is too much for its `Output`. */
export interface Streams {
  /** Whoever asks reads it to its end. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Waits until whoever reads it keeps up. */
  readonly write: (text: string) => Promise<void>;
  /** Says something on stderr, for people. */
  readonly say: (text: string) => void;
  /** Whether somebody watches stderr. */
  readonly isWatched: boolean;
}
