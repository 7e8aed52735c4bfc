import { fitsInt64, luaInteger } from "./lua_value.ts";
import { Problem } from "./problem.ts";

/** What a numeral stands for, given what it is as a float; NaN if nobody knows exactly. */
export function numberOf(raw: string, float: number, minus: boolean): number | bigint {
  if (decimal.test(raw)) {
    const digits = raw.length < 16 ? "" : raw.replace(/^0+/, "");
    if (digits.length < 16) return minus && float !== 0 ? -float : float; // an integer has no -0
    const integer = digits.length < 20 ? BigInt(digits) : 2n ** 63n;
    if (fitsInt64(integer)) return luaInteger(minus ? -integer : integer);
  } else if (hexadecimal.test(raw)) {
    const wrapped = BigInt(`0x${raw.slice(2).slice(-16)}`);
    return luaInteger(BigInt.asIntN(64, minus ? -wrapped : wrapped));
  } else if (/^0x/i.test(raw)) { // luaparse takes it to pieces, which is exact only so far
    const [digits = "", power = 0] = raw.slice(2).split(/p/i);
    if (digits.length > 15 || Number(power) < -1074 || Number(power) > 1023) return NaN;
  }
  return minus ? -float : float;
}
const decimal = /^[0-9]+$/;
const hexadecimal = /^0x[0-9a-f]+$/i;

/**
 * A number as Lua reads it: as Prosody prints it in a file, or short.
 * @throws Problem `invalid` if an integer has more than 64 bits
 */
export function numberText(value: number | bigint, file: boolean): string {
  if (typeof value === "bigint") {
    if (!fitsInt64(value)) throw new Problem("invalid", "An integer has 64 bits at most.");
    return file || value !== least ? String(value) : "0x8000000000000000";
  }
  if (Number.isNaN(value)) return "(0/0)";
  if (!Number.isFinite(value)) return value < 0 ? "(-1/0)" : "(1/0)";
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? file ? "-0" : "-0.0" : String(value);
  return file || Number.isInteger(value) ? printed(value) : String(value);
}

/** Lua reads its digits as a float, and only then the minus. */
const least = -(2n ** 63n);

/** As C prints it with `%.18g`. */
function printed(value: number): string {
  const [rounded = "", power = ""] = value.toExponential(17).split("e");
  const exponent = Number(power);
  const digits = evenDigits(value) ?? rounded;
  const [, sign = "", first = "", others = ""] = /^(-?)(\d)\.(\d+)$/.exec(digits) ?? [];
  const all = first + others;
  if (exponent < -4 || exponent >= 18) {
    const shown = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${trimmed(`${first}.${others}`)}e${exponent < 0 ? "-" : "+"}${shown}`;
  }
  if (exponent < 0) return `${sign}${trimmed(`0.${"0".repeat(-exponent - 1)}${all}`)}`;
  return sign + trimmed(`${all.slice(0, exponent + 1)}.${all.slice(exponent + 1)}`);
}

const trimmed = (digits: string) => digits.replace(/\.?0*$/, "");

/** Halfway between two numbers of 18 digits C takes the even one, JavaScript the larger. */
function evenDigits(value: number): string | undefined {
  if (!/5e/.test(value.toExponential(18))) return undefined;
  const digits = value.toExponential(100).split("e")[0] ?? "";
  const half = /^(-?\d\.\d{16}[02468])50*$/.exec(digits);
  return half?.[1];
}
