/** Reasons for rejecting a record: a closed list, so that alerts and reports can rely on it. */
export const REJECT_CODES = [
  'missing',
  'type',
  'format',
  'pattern',
  'enum',
  'const',
  'range',
  'length',
  'integer_unsafe',
  'text_invalid',
  'unknown_field',
  'not_an_object',
  'too_slow',
] as const;

export type RejectCode = (typeof REJECT_CODES)[number];

/** A rejection, described by the contract alone; it contains nothing of the record. */
export interface Reason {
  readonly code: RejectCode;
  /** Contract path such as `address.city`, or '' for the record as a whole. */
  readonly path: string;
  /** The schema keyword that rejected it. */
  readonly keyword: string;
}

/** Keywords that the loader writes for numbers whose digits are kept, and which are validated as text. */
export const DIGITS_KEYWORD = 'x-digits';
export const RANGE_KEYWORD = 'x-range';
/** For dates and moments that are not written as RFC 3339 has them. */
export const MOMENT_KEYWORD = 'x-moment';

/** For a value of any scalar type. */
export const SCALAR_KEYWORD = 'x-scalar';

/** Keywords that a leaf can assert, and the code of a record that fails one. */
export const LEAF_KEYWORDS: ReadonlyMap<string, RejectCode> = new Map([
  ['type', 'type'],
  ['enum', 'enum'],
  ['const', 'const'],
  ['format', 'format'],
  ['pattern', 'pattern'],
  ['minLength', 'length'],
  ['maxLength', 'length'],
  ['minimum', 'range'],
  ['maximum', 'range'],
  ['exclusiveMinimum', 'range'],
  ['exclusiveMaximum', 'range'],
  ['multipleOf', 'range'],
  [DIGITS_KEYWORD, 'format'],
  [RANGE_KEYWORD, 'range'],
  [MOMENT_KEYWORD, 'format'],
  [SCALAR_KEYWORD, 'type'],
]);

/** Keywords added to every leaf of a matching type. */
export const TEXT_KEYWORD = 'x-text';
export const EXACT_KEYWORD = 'x-exact';

export const TOO_SLOW: Reason = { code: 'too_slow', path: '', keyword: 'pattern' };
