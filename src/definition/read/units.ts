/** Formats of amounts in a definition. The patterns also limit the amounts. */
export const DURATION = /^(?:[1-9]\d{0,6}ms|[1-9]\d{0,3}s|[1-9]\d?m|[1-9]\d?h)$/;
/** 500 MB is the limit of one V8 string. */
export const SIZE = /^(?:[1-9]\d{0,7}B|[1-9]\d{0,4}KB|(?:[1-9]\d?|[1-4]\d\d|500)MB)$/;
export const PERCENT = /^(?:100|\d{1,2}(?:\.\d{1,2})?)%$/;
/** More than 100 % is possible. */
export const RISE = /^[1-9]\d{0,3}(?:\.\d{1,2})?%$/;
export const AGE = /^(?:[1-9]\d{0,3}m|[1-9]\d{0,3}h|[1-9]\d{0,2}d)$/;
/** Whole days, such as `400d`. */
export const WHOLE_DAYS = /^[1-9]\d{0,4}d$/;
export const RATE = /^[1-9]\d{0,5}\/(?:s|min|h)$/;

const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1_000, MB: 1_000_000 };

/** `30s` → 30000. Takes text that matches `DURATION` or `AGE`. */
export function parseDurationMs(text: string): number {
  const { amount, unit } = splitAmount(text);
  return amount * (MS[unit] ?? NaN);
}

/** `8MB` → 8000000; KB and MB are decimal. Takes text that matches `SIZE`. */
export function parseSizeBytes(text: string): number {
  const { amount, unit } = splitAmount(text);
  return amount * (BYTES[unit] ?? NaN);
}

/** `5%` → 0.05. Takes text that matches `PERCENT`. */
export function parseShare(text: string): number {
  return splitAmount(text).amount / 100;
}

/** `30/min` → 30 requests per 60000 ms. Takes text that matches `RATE`. */
export function parseRate(text: string): { readonly requests: number; readonly perMs: number } {
  const { amount, unit } = splitAmount(text);
  return { requests: amount, perMs: MS[unit.slice(1)] ?? NaN };
}

function splitAmount(text: string): { amount: number; unit: string } {
  const digits = /^[\d.]+/.exec(text)?.[0] ?? '';
  return { amount: Number(digits), unit: text.slice(digits.length) };
}
