import type { Json } from '@duckdb/node-api';
import fc from 'fast-check';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/min';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROVIDERS } from '../../src/anonymize/email.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import type { ColumnType, Leaf, TreatmentParams } from '../../src/base/types/definition.js';
import { Bench, DATE, leafOf, textOf } from './bench.js';
import { emails, phones, UNLISTED } from './cases.js';
import { graphemes } from './texts.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

const RUNS = { numRuns: 6, seed: 7 };

/** The values that a treatment makes of values of one leaf. */
async function treat(
  treatment: string,
  params: TreatmentParams,
  values: readonly Json[],
  type: ColumnType = 'VARCHAR',
): Promise<Json[]> {
  const subject = { treatment, params, leaves: [leafOf('value', { type })] };
  const treated = await bench.treat(
    subject,
    values.map((value) => [value]),
  );
  return treated.map(({ value }) => value);
}

const manyOf = <T>(values: fc.Arbitrary<T>) =>
  fc.array(values, { minLength: 1, maxLength: 300, size: 'max' });

describe('mask', () => {
  test.each([
    [0, 0],
    [1, 0],
    [0, 4],
    [2, 2],
    [16, 16],
  ])('of %i and %i graphemes at the ends a third stays at most, below six none', async (first, last) => {
    await fc.assert(
      fc.asyncProperty(manyOf(graphemes(24)), async (given) => {
        const values = given.map((parts) => parts.join(''));
        const masked = await treat('mask', { keep_first: first, keep_last: last }, values);
        expect(masked).toEqual(given.map((parts) => maskParts(parts, first, last)));
      }),
      RUNS,
    );
  });

  test('keeps whole graphemes of a mixed text', async () => {
    const values = ['👩‍👩‍👧‍👦e\u0301xyz한', 'short', '', 'a*bcd*'];
    expect(await treat('mask', { keep_first: 1, keep_last: 1 }, values)).toEqual([
      '👩‍👩‍👧‍👦*****한',
      '*****',
      '*****',
      'a*****_',
    ]);
  });

  test('keeps the calling code of a phone number and nothing else', async () => {
    const codes = new Set(getCountries().map((country) => `+${getCountryCallingCode(country)}`));
    await fc.assert(
      fc.asyncProperty(manyOf(phones), async (given) => {
        const masked = await treat('mask', { keep_country: true }, given);
        for (const [i, value] of masked.entries()) {
          const code = textOf(value).replace(/\*{5}$/, '');
          expect(value).toBe(`${code}*****`);
          if (code === '') continue;
          expect(codes).toContain(code);
          expect(given[i]?.startsWith(code)).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test.each([
    ['+4930123456', '+49*****'],
    ['+19307538271', '+1*****'],
    ['+358401234567', '+358*****'],
    ['+99930123456', '*****'],
    ['0049 30 123456', '*****'],
    ['+49 1', '*****'],
    ['+3584012345', '*****'],
  ])('of %s is %s', async (given, wanted) => {
    expect(await treat('mask', { keep_country: true }, [given])).toEqual([wanted]);
  });
});

/** The rule in words: five marks; a third of the graphemes at most, none of fewer than six, from the start first. */
function maskParts(parts: readonly string[], first: number, last: number): string {
  const budget = parts.length < 6 ? 0 : Math.floor(parts.length / 3);
  const head = Math.min(first, budget);
  const tail = Math.min(last, budget - head);
  const write = (kept: readonly string[]): string => kept.join('').replaceAll('*', '_');
  return `${write(parts.slice(0, head))}*****${write(parts.slice(parts.length - tail))}`;
}

test.each([1, 2, 5])('prefix keeps %i graphemes where they are half of the value at most', async (length) => {
  await fc.assert(
    fc.asyncProperty(manyOf(graphemes(14)), async (given) => {
      const kept = await treat(
        'prefix',
        { length },
        given.map((parts) => parts.join('')),
      );
      expect(kept).toEqual(
        given.map((parts) => (parts.length >= 2 * length ? parts.slice(0, length).join('') : '***')),
      );
    }),
    RUNS,
  );
});

describe.each(['mask_email', 'email_domain'])('%s', (treatment) => {
  const write = (domain: string): string => (treatment === 'mask_email' ? `***@${domain}` : domain);
  const none = treatment === 'mask_email' ? '***' : 'other';

  test.each([
    { providers: [], known: PROVIDERS },
    { providers: ['o.mueller.name'], known: [...PROVIDERS, 'o.mueller.name'] },
  ])('tells a listed domain and no other, with providers $providers', async ({ providers, known }) => {
    await fc.assert(
      fc.asyncProperty(manyOf(emails), async (given) => {
        const told = new Set([none, write('other'), ...known.map(write)]);
        const values = await treat(treatment, { providers }, given);
        expect(values.filter((value) => !told.has(textOf(value)))).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each([
    ['maja@gmail.com', [], write('gmail.com')],
    ['Maja.Ö+x@GMail.COM', [], write('gmail.com')],
    ...UNLISTED.map((domain): [string, string[], string] => [`maja@${domain}`, [], write('other')]),
    ['maja@o.mueller.name', ['o.mueller.name'], write('o.mueller.name')],
    ['maja@gmail.com', ['o.mueller.name'], write('gmail.com')],
    ['maja@schmidt.example', 'any', write('schmidt.example')],
    ['maja@x@gmail.com', [], none],
    ['maja@gmail', 'any', none],
    ['@gmail.com', [], none],
    ['maja', [], none],
    ['maja@gmail.com\n', [], none],
    ['', [], none],
  ])('of %j with providers %j is %s', async (given, providers, wanted) => {
    expect(await treat(treatment, { providers }, [given])).toEqual([wanted]);
  });

  test('any domain needs a review', () => {
    const judge = (providers: unknown) => TREATMENTS.get(treatment)?.objection([], { providers })?.kind;
    expect([judge('any'), judge([])]).toEqual(['review', undefined]);
  });
});

describe('round', () => {
  test.each([0, 1, 3, -2])('to %i decimals is the nearest, and −0 is 0', async (decimals) => {
    const numbers = fc.double({ noNaN: true, min: -180, max: 180 });
    await fc.assert(
      fc.asyncProperty(manyOf(numbers), async (given) => {
        const rounded = await treat('round', { decimals }, [-0.04, ...given], 'DOUBLE');
        for (const [i, value] of [-0.04, ...given].entries()) {
          expect(Math.abs(Number(rounded[i]) - value)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9);
          expect(Object.is(rounded[i], -0)).toBe(false);
        }
      }),
      RUNS,
    );
  });

  test.each<[string, Partial<Leaf>, number, string | undefined]>([
    ['home.lat', { type: 'DOUBLE', class: 'quasi' }, 1, undefined],
    ['home.latitude', { type: 'DOUBLE' }, 2, 'review'],
    ['lng', { type: 'DOUBLE' }, 2, 'review'],
    ['score', { type: 'DOUBLE', class: 'quasi' }, 2, undefined],
    ['account', { type: 'BIGINT' }, 0, 'review'],
    ['income', { type: 'BIGINT' }, -3, undefined],
    ['phone', { type: 'DOUBLE', class: 'direct' }, 0, 'review'],
    ['card', { type: 'DOUBLE', class: 'sensitive' }, 9, 'review'],
    ['salary', { type: 'DOUBLE', class: 'sensitive' }, -3, undefined],
  ])('of %s (%o) to %i decimals meets objection %s', (path, facts, decimals, wanted) => {
    expect(TREATMENTS.get('round')?.objection([leafOf(path, facts)], { decimals })?.kind).toBe(wanted);
  });
});

describe('truncate_date', () => {
  const days = fc
    .date({ min: new Date('1890-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10));

  test.each([
    ['month', '1936-11-01', 7],
    ['year', '1936-01-01', 4],
  ])('gives the start of the %s, and one value for 90 years and older', async (unit, oldest, length) => {
    await fc.assert(
      fc.asyncProperty(manyOf(days), async (given) => {
        const truncated = await treat('truncate_date', { unit }, given, 'DATE');
        expect(truncated).toEqual(
          given.map((day) => {
            const start = `${day.slice(0, length)}${'-01-01'.slice(length - 4)}`;
            return start < oldest ? oldest : start;
          }),
        );
      }),
      RUNS,
    );
  });

  test('counts the 90 years from the date of the partition, in UTC', async () => {
    const moments = ['1936-11-30T23:30:00-05:00', '1936-12-01T00:30:00+05:00'];
    expect(DATE).toBe('2026-11-20');
    expect(await treat('truncate_date', { unit: 'month' }, moments, 'TIMESTAMPTZ')).toEqual([
      '1936-12-01',
      '1936-11-01',
    ]);
  });
});
