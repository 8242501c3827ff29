/**
 * The forms of an attack. Statements that try to carry a birth date, a token or the order of the source out of the restricted zone. A new shape is
 * one line more. `refused` names a part of the message; `harmless` gives the reason, and the result is scanned for birth
 * dates and tokens all the same.
 *
 * Tables: `silver.people` (person_token, birthday, gender, zipcode, country, city, ingest_date; birthday is raw only and has
 * no reason), `silver.visits` (person_token, country, minutes), `silver.calendar` (day: each day of 1900 to 2030),
 * `gold.ages` (country, decade; with a reason), `persons_anonymized` as it ships.
 */
export type Door = 'query' | 'export' | 'report' | 'gold' | 'check';

export type Attack = readonly [
  door: Door,
  sql: string,
  verdict: { readonly refused: string } | { readonly harmless: string },
];

export const BIRTHDAY = { refused: 'raw only' };
export const TOKEN = { refused: 'contains tokens' };
export const FUNCTION = { refused: 'docs/functions.md' };
export const NOT_SELECT = { refused: 'not a single SELECT' };
export const COUNTS = { harmless: 'a number of people says nothing of one' };
export const GENERAL = { harmless: 'it reads no raw-only column' };
