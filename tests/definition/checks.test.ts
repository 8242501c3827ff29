import { describe, expect, it } from 'vitest';
import { change, load } from './page.js';
import { expectRefusal, type Refusal } from './refusal.js';

const FROM = 'primary_key: [person]\n';
const withChecks = (...checks: string[]) =>
  `${FROM}    checks:\n${checks.map((check) => `      - ${check}\n`).join('')}`;

describe('checks of a dataset', () => {
  it('are complete, each under a name of its own', () => {
    const text = change(
      FROM,
      withChecks(
        '{ check: row_count, severity: error, min: 10 }',
        '{ check: missing, severity: warn, column: city, max: 2.5% }',
        '{ check: unique, severity: error, columns: [person, born] }',
        '{ check: accepted_values, severity: error, column: sex, values: [f, m] }',
        '{ check: range, severity: warn, column: born, min: "1900-01-01" }',
        '{ check: pattern, severity: warn, column: country, pattern: "^[A-Z]" }',
        '{ check: freshness, severity: warn, max_age: 2d }',
        '{ check: references, severity: warn, column: country, to: people.country }',
        '{ check: volume, severity: warn, tolerance: 50% }',
      ),
    );
    const checks = load(text).datasets.get('people')?.checks ?? [];
    expect(checks.map(({ name }) => name)).toEqual([
      'people.row_count',
      'people.missing.city',
      'people.unique.person.born',
      'people.accepted_values.sex',
      'people.range.born',
      'people.pattern.country',
      'people.freshness',
      'people.references.country',
      'people.volume',
    ]);
    expect(checks[0]).toEqual({
      name: 'people.row_count',
      severity: 'error',
      rule: { kind: 'row_count', min: 10, max: null },
    });
    expect(checks[1]?.rule).toEqual({ kind: 'missing', column: 'city', maxShare: 0.025 });
    expect(checks[6]?.rule).toEqual({ kind: 'freshness', column: null, maxAgeDays: 2, expectedBy: null });
    expect(checks[8]?.rule).toEqual({ kind: 'volume', dates: 7, below: 0.5, above: 0.5 });
  });

  it('state the expected number of rows and age in a line each', () => {
    const people = load(
      change(FROM, `${FROM}    freshness: 26h\n    volume: { min: 900, drop: 20%, rise: 300%, dates: 3 }\n`),
    ).datasets.get('people');
    expect(people?.freshnessMs).toBe(26 * 3_600_000);
    expect(people?.checks).toEqual([
      { name: 'people.volume.min', severity: 'warn', rule: { kind: 'row_count', min: 900, max: null } },
      {
        ...{ name: 'people.volume.drop', severity: 'warn' },
        rule: { kind: 'volume', dates: 3, below: 0.2, above: null },
      },
      {
        ...{ name: 'people.volume.rise', severity: 'warn' },
        rule: { kind: 'volume', dates: 3, below: null, above: 3 },
      },
    ]);
  });

  it.each<Pick<Refusal, 'name' | 'says'> & { text: string }>([
    { name: 'an age in words', text: '¦freshness: daily', says: /must be an age such as 26h, 90m or 2d/ },
    { name: 'a volume without a limit', text: '¦volume: {}', says: /volume has no limit/ },
    {
      name: 'limits that cross',
      text: 'volume: { ¦min: 9, max: 3 }',
      says: /`min` is above `max`/,
    },
    {
      name: 'a share that is a number',
      text: 'volume: { ¦drop: 0.2 }',
      says: /must be a share such as 5%/,
    },
  ])('refuse $name', ({ text, ...refusal }) => {
    expectRefusal({ ...refusal, from: FROM, to: `${FROM}    ${text}\n` });
  });

  it.each<Pick<Refusal, 'name' | 'says' | 'fix'> & { check: string }>([
    {
      name: 'of an unknown kind',
      check: '{ ¦check: canary, severity: warn }',
      says: /`check` must be one of/,
    },
    { name: 'without a severity', check: '¦{ check: row_count, min: 1 }', says: /`severity` is missing/ },
    {
      name: 'of an unknown column',
      check: '{ check: missing, severity: warn, ¦column: contry }',
      says: /unknown landing column/,
      fix: /did you mean `country`/,
    },
    {
      name: 'of an unknown column in a list',
      check: '{ check: unique, severity: warn, columns: [person, ¦canary] }',
      says: /unknown landing column/,
    },
    {
      name: 'with an unknown key',
      check: '{ check: volume, severity: warn, tolerance: 5%, ¦day: 3 }',
      says: /unknown key `day`/,
    },
    {
      name: 'without a bound',
      check: '¦{ check: row_count, severity: warn }',
      says: /the check has no limit/,
    },
    {
      name: 'whose bounds are of another type',
      check: '{ check: range, severity: warn, column: born, ¦min: 5 }',
      says: /`min` does not have the type of the column/,
    },
    {
      name: 'whose bounds are swapped',
      check: '{ check: range, severity: warn, column: score, ¦min: 5, max: 1 }',
      says: /`min` is above `max`/,
    },
    {
      name: 'whose values are of another type',
      check: '{ check: accepted_values, severity: warn, column: sex, values: [f, ¦1] }',
      says: /a value does not have the type of the column/,
    },
    {
      name: 'whose bound is no day of the calendar',
      check: '{ check: range, severity: warn, column: born, ¦min: 2026-02-31 }',
      says: /must be a number, or a date/,
    },
    {
      name: 'whose values are no dates',
      check: '{ check: accepted_values, severity: warn, column: born, values: [2026-02-28, ¦canary] }',
      says: /a value does not have the type of the column/,
      fix: /YYYY-MM-DD/,
    },
    {
      name: 'that refers to a column of another type',
      check: '{ check: references, severity: warn, column: born, ¦to: people.country }',
      says: /born is DATE, people\.country is VARCHAR/,
    },
    {
      name: 'whose pattern does not compile in RE2',
      check: '{ check: pattern, severity: warn, column: city, ¦pattern: "(?=a)" }',
      says: /RE2/,
    },
    {
      name: 'whose pattern is none',
      check: '{ check: pattern, severity: warn, column: city, ¦pattern: "(canary" }',
      says: /the pattern is not a valid regular expression/,
    },
    {
      name: 'of the age of what is no date',
      check: '{ check: freshness, severity: warn, max_age: 1d, ¦column: city }',
      says: /city is not a date or timestamp/,
    },
    {
      name: 'that refers to an unknown dataset',
      check: '{ check: references, severity: warn, column: id, ¦to: canary.id }',
      says: /unknown dataset/,
    },
    {
      name: 'that refers to an unknown column',
      check: '{ check: references, severity: warn, column: id, ¦to: people.canary }',
      says: /unknown landing column/,
    },
  ])('are refused: one $name', ({ name, check, says, fix }) => {
    expectRefusal({ name, from: FROM, to: withChecks(check), says, ...(fix === undefined ? {} : { fix }) });
  });

  it('are refused when they list moments', () => {
    const check = '{ check: accepted_values, severity: warn, column: born, ¦values: [2026-02-28] }';
    const also = ['format: date, x-pii', 'format: date-time, x-pii'] as const;
    expectRefusal({
      name: '',
      from: FROM,
      to: withChecks(check),
      also,
      says: /`accepted_values` does not support times/,
    });
  });

  it('are refused when one is met twice', () => {
    const check = '{ check: row_count, severity: warn, min: 1 }';
    expectRefusal({ name: '', from: FROM, to: withChecks(check, `¦${check}`), says: /duplicate check/ });
  });
});
