import { quoteName, quoteText } from '../duckdb.js';

/**
 * The few SQL functions that treatments are made of. Another engine needs another one of these and nothing else.
 * All take and give SQL expressions.
 */
export interface Dialect {
  name(identifier: string): string;
  text(literal: string): string;
  /** First 128 bits of HMAC-SHA-256 (RFC 2104) as 32 hex digits; pads are bound parameters of 64 octets. */
  hmac(message: string, innerPad: string, outerPad: string): string;
  octets(text: string): string;
  nfc(text: string): string;
  lower(text: string): string;
  trim(text: string): string;
  /** Length in grapheme clusters (UAX #29). */
  graphemes(text: string): string;
  first(text: string, count: string): string;
  last(text: string, count: string): string;
  matches(text: string, pattern: string): string;
  /** The first match of `pattern`, '' if there is none. */
  extract(text: string, pattern: string): string;
  replaceAll(text: string, pattern: string, replacement: string): string;
  round(number: string, decimals: number): string;
  truncateDate(date: string, unit: 'month' | 'year'): string;
  cast(value: string, type: string): string;
  oneOf(value: string, literals: readonly string[]): string;
}

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
  extract: (text, pattern) => `regexp_extract(${text}, ${quoteText(pattern)})`,
  replaceAll: (text, pattern, replacement) =>
    `regexp_replace(${text}, ${quoteText(pattern)}, ${quoteText(replacement)}, 'g')`,
  round: (number, decimals) => `round(${number}, ${decimals})`,
  truncateDate: (date, unit) => `date_trunc('${unit}', ${date})::date`,
  cast: (value, type) => `${value}::${type}`,
  oneOf: (value, literals) => `${value} in (${literals.join(', ')})`,
};
