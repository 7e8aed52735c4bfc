/** A line longer than this ends the connection, bytes. */
export const longestLine = 1 << 20;

/** What a peer did that one cannot go on from: one stream error, then the end (RFC 6120, 4.9.3). */
export class StreamError extends Error {
  override readonly name = "StreamError";
  constructor(readonly condition: string, detail: string) {
    super(detail);
  }
}

/**
 * Cuts bytes into lines. Holds one unfinished line at most.
 * @throws StreamError on a line that is too long or not UTF-8
 */
export class LineSplitter {
  #parts: Uint8Array[] = [];
  #size = 0;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /** Whether a line has begun and not ended. */
  get unfinished(): boolean {
    return this.#size > 0;
  }

  /** The lines that end in this chunk; empty ones, which only keep a connection alive, are left out. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = this.#finish(chunk.subarray(start, end));
      if (line.trim() !== "") lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#grow(chunk.length - start);
      this.#parts.push(chunk.slice(start));
    }
    return lines;
  }

  #grow(bytes: number): void {
    this.#size += bytes;
    if (this.#size > longestLine) {
      throw new StreamError("policy-violation", `A line may have ${longestLine} bytes at most.`);
    }
  }

  #finish(tail: Uint8Array): string {
    this.#grow(tail.length);
    let bytes = tail;
    if (this.#parts.length > 0) {
      bytes = new Uint8Array(this.#size);
      let at = 0;
      for (const part of [...this.#parts, tail]) {
        bytes.set(part, at);
        at += part.length;
      }
      this.#parts = [];
    }
    this.#size = 0;
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new StreamError("unsupported-encoding", "A line must be UTF-8.");
    }
  }
}
