import { configureSync, getJsonLinesFormatter, getTextFormatter, type LogLevel } from "@logtape/logtape";

/**
 * Sends what the rooms log to `write`, a line an event: JSON for machines, or text for people.
 * Called once, by the program; where it is not called (tests, other programs) nothing is logged.
 */
export function configureLog(
  { format, level, write }: { format: "json" | "text"; level: LogLevel; write: (line: string) => void },
): void {
  const formatter = format === "json"
    ? getJsonLinesFormatter({ properties: "flatten", lineEnding: "lf" })
    : getTextFormatter({ timestamp: "time", category: ".", lineEnding: "lf" });
  configureSync({
    reset: true,
    sinks: { out: (record) => write(formatter(record)) },
    loggers: [
      { category: ["couplet"], lowestLevel: level, sinks: ["out"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["out"] },
    ],
  });
}
