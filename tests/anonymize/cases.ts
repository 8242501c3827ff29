import type { Json } from '@duckdb/node-api';
import fc from 'fast-check';
import { PROVIDERS } from '../../src/anonymize/email.js';
import type { Bound, ColumnType } from '../../src/base/types/definition.js';
import { leafOf, textOf } from './bench.js';
import {
  type Case,
  coordinates,
  date,
  doubles,
  moment,
  never,
  one,
  recentDate,
  text,
  typed,
  wholes,
} from './case.js';
import { GENERALISING_CASES } from './generalising-cases.js';
import { anyText } from './texts.js';

const always = (): boolean => true;
const bounded = (bound: Bound, type: ColumnType = 'VARCHAR') =>
  leafOf('value', { class: 'quasi', bound, type });
/** Texts of the characters that a pattern of JavaScript takes, however young. */
function textsOf(character: RegExp, maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('a', 'Z', ' ', '.', '-', "'", 'ß', 'é', '\u0301', '\u00a0', '\u000b', '\ufeff', '7'),
    fc.constantFrom('\u{323af}', '\u{2ebf0}', '\u1c89', '\u0897'), // letters and a mark of Unicode 15 and 16
  );
  return fc
    .array(
      unit.filter((one) => character.test(one)),
      { minLength: 1, maxLength, size: 'max' },
    )
    .map((units) => units.join(''));
}

export const UNLISTED = [
  'schmidt-holstein.example',
  'o.mueller.name',
  'gmail.com.evil.example',
  'xgmail.com',
];

/** Addresses of listed and unlisted domains, in any case, and what is none. */
export const emails: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      fc.string({ minLength: 1, maxLength: 12 }).map((local) => local.replaceAll('@', '')),
      fc.constantFrom(...PROVIDERS, ...UNLISTED),
      fc.boolean(),
    )
    .map(([local, domain, isUpper]) => `${local}@${isUpper ? domain.toUpperCase() : domain}`),
  fc.constantFrom(
    'a@b@gmail.com',
    '@gmail.com',
    'gmail.com',
    'a@gmail.com\n',
    'a@gmail',
    'a@gmail.com.',
    'x@ gmail.com',
  ),
  fc.constantFrom(
    'Ünï@gmail.com',
    'a\n@gmail.com',
    'a@gmaıl.com',
    'a@GMAİL.com',
    'a@出.example',
    'a@xn--p1b.example',
  ),
  anyText,
);

const PHONE_SIGNS = Array.from('0123456789 -()x');

export const phones: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('+49', '+1', '+44', '+358', '+7', '+999', '0049', '49', ' +49'),
      fc.array(fc.constantFrom(...PHONE_SIGNS), { maxLength: 14, size: 'max' }),
    )
    .map(([code, rest]) => code + rest.join('')),
  anyText,
);

const texts = one(anyText);
const isMasked = (value: Json): boolean => /^[^*]*\*{5}[^*]*$/u.test(textOf(value));

function keeps(kind: string, leaf: Case['leaves'][number], values: fc.Arbitrary<Json>): Case {
  return { treatment: 'keep', kind, leaves: [leaf], rows: one(values), mayStay: always };
}

const word = { kind: 'pattern', maxLength: null } as const;

export const CASES: readonly Case[] = [
  keeps(
    'a counted class of letters',
    bounded({ ...word, pattern: "^[\\p{L}\\p{M} .'’-]{1,80}$" }),
    textsOf(/^[\p{L}\p{M} .'’-]$/u, 80),
  ),
  keeps('white space', bounded({ ...word, pattern: '^[\\w\\s]{1,20}\\s?$' }), textsOf(/^[\w\s]$/u, 20)),
  keeps(
    'a choice of letters',
    bounded({ kind: 'pattern', pattern: '^(?:\\p{Lu}|[\\p{Ll}]|\\. )+\\.?$', maxLength: 40 }),
    textsOf(/^[\p{Lu}\p{Ll}]$/u, 38),
  ),
  keeps(
    'an enum of texts',
    bounded({ kind: 'enum', values: ["o'clock", '', 'ü'] }),
    fc.constantFrom("o'clock", '', 'ü'),
  ),
  keeps(
    'an enum of numbers',
    bounded({ kind: 'enum', values: [1.5, -2] }, 'DOUBLE'),
    fc.constantFrom(1.5, -2),
  ),
  keeps('a boolean', bounded({ kind: 'enum', values: [true, false] }, 'BOOLEAN'), fc.boolean()),
  keeps('a range of integers', bounded({ kind: 'range', minimum: -1e6, maximum: 1e6 }, 'BIGINT'), wholes),
  keeps('a date', bounded({ kind: 'format', format: 'date' }, 'DATE'), date),
  keeps('a moment', bounded({ kind: 'format', format: 'date-time' }, 'TIMESTAMPTZ'), moment),
  keeps(
    'a time',
    bounded({ kind: 'format', format: 'time' }, 'TIME'),
    fc.constantFrom('00:00:00Z', '23:59:59.999Z'),
  ),
  keeps(
    'a uuid',
    bounded({ kind: 'format', format: 'uuid' }),
    fc.tuple(fc.uuid(), fc.constantFrom('', 'urn:uuid:', 'URN:UUID:')).map(([id, urn]) => urn + id),
  ),
  keeps(
    'a duration',
    bounded({ kind: 'format', format: 'duration' }),
    fc.constantFrom('P1D', 'PT5M', 'P3Y6M4DT12H30M5S', `P${'9'.repeat(90)}W`),
  ),
  keeps('a reviewed text', text, anyText),
  keeps('a reviewed number', typed('DOUBLE'), doubles),
  {
    treatment: 'first_present',
    kind: 'two codes',
    leaves: ['country_code', 'county_code'].map((path) =>
      leafOf(path, { bound: { ...word, pattern: '^[A-Z]{2}$' } }),
    ),
    rows: fc
      .tuple(fc.constantFrom('DE', 'SK', null), fc.constantFrom('AT', 'FR', null))
      .filter((codes) => codes.some((code) => code !== null)),
    mayStay: always,
  },
  ...(
    [
      ['VARCHAR', anyText],
      ['DATE', date],
      ['BIGINT', wholes],
      ['DOUBLE', doubles],
      ['BOOLEAN', fc.boolean()],
    ] as const
  ).map(([type, values]): Case => ({
    treatment: 'redact',
    kind: type,
    leaves: [typed(type)],
    rows: one(values),
    mayStay: (value) => value === '***',
  })),
  ...[
    {},
    { keep_first: 1 },
    { keep_last: 4 },
    { keep_first: 2, keep_last: 2 },
    { keep_first: 16, keep_last: 16 },
  ].map((params): Case => ({
    treatment: 'mask',
    kind: JSON.stringify(params),
    params,
    leaves: [text],
    rows: texts,
    mayStay: isMasked,
  })),
  {
    treatment: 'mask',
    kind: 'a phone number',
    params: { keep_country: true },
    leaves: [text],
    rows: one(phones),
    mayStay: isMasked,
  },
  ...[[], ['o.mueller.name'], 'any'].flatMap((providers): Case[] => [
    {
      treatment: 'mask_email',
      kind: `providers ${JSON.stringify(providers)}`,
      params: { providers },
      leaves: [text],
      rows: one(emails),
      mayStay: (value) => textOf(value).startsWith('***'),
    },
    {
      treatment: 'email_domain',
      kind: `providers ${JSON.stringify(providers)}`,
      params: { providers },
      leaves: [text],
      rows: one(emails),
      mayStay: (value) => value === 'other',
    },
  ]),
  ...(['text', 'name', 'email', 'phone', 'number'] as const).map((normal): Case => ({
    treatment: 'token',
    kind: `of one text, normal form ${normal}`,
    params: { scope: 'person', normal },
    leaves: [text],
    rows: texts,
    mayStay: never,
  })),
  {
    treatment: 'token',
    kind: 'of leaves of several types',
    params: { scope: 'person' },
    leaves: [
      text,
      ...(['DATE', 'BIGINT', 'DOUBLE', 'BOOLEAN'] as const).map((type) => leafOf(type, { type })),
    ],
    rows: fc.tuple(
      anyText,
      ...[date, wholes, doubles, fc.boolean()].map((values) => fc.option<Json>(values)),
    ),
    mayStay: never,
  },
  ...[1, 2, 8].map((length): Case => ({
    treatment: 'prefix',
    kind: `length ${length}`,
    params: { length },
    leaves: [text],
    rows: texts,
    mayStay: (value) => value === '***',
  })),
  {
    treatment: 'round',
    kind: 'coordinates',
    params: { decimals: 1 },
    leaves: [typed('DOUBLE')],
    rows: one(coordinates),
    mayStay: (value) => Number(Number(value).toFixed(1)) === value,
  },
  {
    treatment: 'round',
    kind: 'any number',
    params: { decimals: 0 },
    leaves: [typed('DOUBLE')],
    rows: one(doubles),
    mayStay: (value) => Number.isInteger(value),
  },
  {
    treatment: 'round',
    kind: 'integers to thousands',
    params: { decimals: -3 },
    leaves: [typed('BIGINT')],
    rows: one(wholes),
    mayStay: (value) => Number(value) % 1_000 === 0,
  },
  ...(['month', 'year'] as const).flatMap((unit) =>
    [
      { type: 'DATE' as const, values: fc.oneof(recentDate, date) },
      { type: 'TIMESTAMPTZ' as const, values: moment },
    ].map(({ type, values }): Case => ({
      treatment: 'truncate_date',
      kind: `${unit} of ${type}`,
      params: { unit },
      leaves: [typed(type)],
      rows: one(values),
      mayStay: (value) => textOf(value).endsWith('-01'),
    })),
  ),
  ...(
    [
      ['BOOLEAN', fc.boolean()],
      ['BIGINT', wholes],
      ['DOUBLE', doubles],
      ['DATE', date],
      ['TIMESTAMPTZ', moment],
      ['VARCHAR', anyText],
      ['DECIMAL(38,0)', fc.constantFrom('0', '12')],
    ] as const
  ).map(([type, values]): Case => ({
    treatment: 'flag',
    kind: type,
    leaves: [typed(type)],
    rows: one(values),
    mayStay: (value) => typeof value === 'boolean',
    ofNull: false,
  })),
  ...GENERALISING_CASES,
];
