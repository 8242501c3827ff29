import { quoteName, quoteText, quoteTextList } from '../base/duckdb.js';

/**
 * The few SQL functions that treatments are made of. Another engine needs another one of these and nothing else.
 * All take and give SQL expressions.
 */
export interface Dialect {
  readonly name: (identifier: string) => string;
  readonly text: (literal: string) => string;
  /** First 128 bits of HMAC-SHA-256 (RFC 2104) as 32 hex digits; pads are bound parameters of 64 octets. */
  readonly hmac: (message: string, innerPad: string, outerPad: string) => string;
  readonly octets: (text: string) => string;
  readonly nfc: (text: string) => string;
  readonly lower: (text: string) => string;
  readonly trim: (text: string) => string;
  /** Length in grapheme clusters (UAX #29). */
  readonly graphemes: (text: string) => string;
  readonly first: (text: string, count: string) => string;
  readonly last: (text: string, count: string) => string;
  readonly matches: (text: string, pattern: string) => string;
  /** The first match of `pattern` (an SQL expression), '' if there is none. */
  readonly extract: (text: string, pattern: string) => string;
  /** What the only group of `pattern` matched, '' if there is no match. */
  readonly capture: (text: string, pattern: string) => string;
  readonly replaceAll: (text: string, pattern: string, replacement: string) => string;
  readonly round: (number: string, decimals: number) => string;
  readonly truncateDate: (date: string, unit: 'month' | 'year') => string;
  readonly cast: (value: string, type: string) => string;
  readonly oneOf: (value: string, literals: readonly string[]) => string;
  readonly listOf: (texts: readonly string[]) => string;
  readonly isIn: (value: string, list: string) => string;
  /** The element of a list at a place, 0-based. */
  readonly element: (list: string, place: string) => string;
  /** A number from 0 up to `count`, excluded, that a text of hex digits stands for. */
  readonly placeOf: (hex: string, count: number) => string;
  /** The place of a number in ascending bounds: how many of them it has reached. Exact at each bound. */
  readonly reached: (number: string, bounds: readonly number[], width: number) => string;
  readonly addDays: (date: string, days: string) => string;
  /** A list of what `treat` makes of each element; null for null. */
  readonly forEach: (list: string, treat: (element: string) => string) => string;
  /** Whether every element that is not null satisfies a predicate. */
  readonly every: (list: string, predicate: (element: string) => string) => string;
}

/** Hex digits that make a place: 48 bits, of which a list of 1,000 uses ten, so that no place is more likely. */
const PLACE_DIGITS = 12;

export const duckdbDialect: Dialect = {
  name: quoteName,
  text: quoteText,
  hmac: (message, inner, outer) =>
    `left(sha256(${outer} || unhex(sha256(${inner} || encode(${message})))), 32)`,
  octets: (text) => `strlen(${text})`,
  nfc: (text) => `nfc_normalize(${text})`,
  lower: (text) => `lower(${text})`,
  trim: (text) => `trim(${text})`,
  graphemes: (text) => `length_grapheme(${text})`,
  first: (text, count) => `left_grapheme(${text}, ${count})`,
  last: (text, count) => `right_grapheme(${text}, ${count})`,
  matches: (text, pattern) => `regexp_matches(${text}, ${quoteText(pattern)})`,
  extract: (text, pattern) => `regexp_extract(${text}, ${pattern})`,
  capture: (text, pattern) => `regexp_extract(${text}, ${quoteText(pattern)}, 1)`,
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${quoteText(pattern)}, ${quoteText(replacement)}, 'g')`,
  round: (number, decimals) => `round(${number}, ${decimals})`,
  truncateDate: (date, unit) => `date_trunc('${unit}', ${date})::date`,
  cast: (value, type) => `${value}::${type}`,
  oneOf: (value, literals) => `${value} in (${literals.join(', ')})`,
  listOf: quoteTextList,
  isIn: (value, list) => `list_contains(${list}, ${value})`,
  element: (list, place) => `list_extract(${list}, 1 + (${place}))`,
  placeOf: (hex, count) => `(('0x' || left(${hex}, ${PLACE_DIGITS}))::bigint % ${count})`,
  reached: (number, bounds, width) => {
    const list = `[${bounds.map((bound) => `${bound}::double`).join(', ')}]`;
    // Division may miss a bound by its last bit, so the two neighbours are asked.
    const near = `greatest(0, least(${bounds.length - 1}, floor((${number} - ${bounds[0] ?? 0}) / ${width})))::bigint`;
    const here = `list_extract(${list}, 1 + ${near})`;
    const next = `list_extract(${list}, 2 + ${near})`;
    return `${near} + (case when ${number} < ${here} then 0 when ${number} >= ${next} then 2 else 1 end)`;
  },
  addDays: (date, days) => `(${date} + (${days})::integer)`,
  forEach: (list, treat) => `list_transform(${list}, lambda element: ${treat('element')})`,
  every: (list, predicate) =>
    `coalesce(list_bool_and(list_transform(${list}, lambda element: element is null or (${predicate('element')}) is true)), true)`,
};
