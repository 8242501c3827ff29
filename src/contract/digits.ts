import { isObject } from '../base/json-values.js';

/** The precision and scale of a DECIMAL. */
interface Digits {
  readonly precision: number;
  readonly scale: number;
}

const PLAIN = /^-?(0|[1-9]\d*)(?:\.(\d+))?$/;
const NEGATIVE_ZERO = /^-[0.]+$/;

/**
 * Creates a predicate for texts that a DECIMAL stores unchanged: plain digits, no exponent, no leading zero or plus, no
 * −0, and no more digits before and after the point than the type has. `rule` is the schema's `x-digits`.
 */
export function compileDigits(rule: unknown): (text: string) => boolean {
  const { precision, scale } = readDigits(rule);
  return (text) => {
    const parts = PLAIN.exec(text);
    if (parts === null || NEGATIVE_ZERO.test(text)) return false;
    const whole = parts[1] === '0' ? 0 : (parts[1]?.length ?? 0);
    return whole <= precision - scale && (parts[2]?.length ?? 0) <= scale;
  };
}

/**
 * Creates a predicate for limits, exact for any number of digits. `rule` is the schema's `x-range`, whose limits are also
 * texts. Ignores texts that are not plain numbers.
 */
export function compileRange(rule: unknown): (text: string) => boolean {
  const limitOf = (name: string): string | null => {
    const limit = isObject(rule) ? rule[name] : undefined;
    return typeof limit === 'string' ? limit : null;
  };
  const [least, most] = [limitOf('minimum'), limitOf('maximum')];
  const [above, below] = [limitOf('exclusiveMinimum'), limitOf('exclusiveMaximum')];
  return (text) =>
    !PLAIN.test(text) ||
    ((least === null || compare(text, least) >= 0) &&
      (most === null || compare(text, most) <= 0) &&
      (above === null || compare(text, above) > 0) &&
      (below === null || compare(text, below) < 0));
}

function readDigits(rule: unknown): Digits {
  const { precision, scale } = isObject(rule) ? rule : {};
  return { precision: Number(precision), scale: Number(scale) };
}

/** Below 0, 0 or above 0, as `one` is less than, equal to or more than `other`. */
function compare(one: string, other: string): number {
  const decimals = Math.max(countDecimals(one), countDecimals(other));
  const difference = toUnits(one, decimals) - toUnits(other, decimals);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function countDecimals(text: string): number {
  return text.split('.')[1]?.length ?? 0;
}

/** `12.5` at three decimals is 12500. */
function toUnits(text: string, decimals: number): bigint {
  return BigInt(text.replace('.', '') + '0'.repeat(decimals - countDecimals(text)));
}
