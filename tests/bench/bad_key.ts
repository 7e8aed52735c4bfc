import { makeSecret, systemRandom } from "../../src/core/token.ts";
import type { Bench } from "./bench.ts";
import { inTurn, loadRow, ratio } from "./bench.ts";
import { coupletSide, prosodySide, type Side } from "./sides.ts";
import { runWrk } from "./wrk.ts";

/** How quickly a key that is no good is refused. */
export const badKey: Bench = {
  brief: "403 for a bad key",
  async run({ seconds, runs, flags }) {
    await using couplet = await coupletSide({ flags });
    await using prosody = await prosodySide("internal");
    const measure = async (side: Side, key: string) => {
      await runWrk({ ...side.refused(key), seconds: 1 });
      return await runWrk({ ...side.refused(key), seconds });
    };
    const [id = ""] = couplet.key.split("/");
    const [theirs = ""] = prosody.key.split("/");
    const found = await inTurn(runs, {
      malformed: () => measure(couplet, "nobody/nothing"),
      unknown: () => measure(couplet, `abcdefgh1234/${makeSecret(systemRandom)}`),
      wrong: () => measure(couplet, `${id}/${makeSecret(systemRandom)}`),
      prosodyUnknown: () => measure(prosody, "nobody/nothing"),
      prosodyWrong: () => measure(prosody, `${theirs}/${makeSecret(systemRandom)}`),
    });
    const { malformed, unknown, wrong, prosodyUnknown, prosodyWrong } = found;
    const goal = (name: string, value: number) => ({ name, value, unit: "×", wanted: { atLeast: 5 } });
    return {
      rows: [
        loadRow("Couplet, malformed key", malformed),
        loadRow("Couplet, unknown ID", unknown),
        loadRow("Couplet, wrong secret", wrong),
        loadRow("Prosody, unknown ID", prosodyUnknown),
        loadRow("Prosody, wrong secret", prosodyWrong),
      ],
      goals: [
        goal("times Prosody, malformed", ratio(malformed, prosodyUnknown)),
        goal("times Prosody, unknown ID", ratio(unknown, prosodyUnknown)),
        goal("times Prosody, wrong secret", ratio(wrong, prosodyWrong)),
      ],
    };
  },
};
