import { describe, expect, it } from 'vitest';
import { findMissing } from '../../src/base/dates/date-ranges.js';

describe('the dates that are missing', () => {
  it.each([
    ['nothing, where nothing has landed and nobody says from when', [], null, '2024-03-02', []],
    ['all of a span in which nothing landed', [], '2024-02-28', '2024-03-01', ['2024-02-28 2024-03-01 3']],
    ['nothing, where every day is there', ['2024-02-29', '2024-03-01'], null, '2024-03-01', []],
    [
      'gaps of one day and of more, and what follows the last',
      ['2024-02-26', '2024-02-28', '2024-03-02'],
      null,
      '2024-03-04',
      ['2024-02-27 2024-02-27 1', '2024-02-29 2024-03-01 2', '2024-03-03 2024-03-04 2'],
    ],
    [
      'what comes before the first, where somebody says from when',
      ['2024-01-01'],
      '2023-12-31',
      '2024-01-01',
      ['2023-12-31 2023-12-31 1'],
    ],
    ['nothing after the end', ['2024-01-01'], null, '2023-12-31', []],
  ])('are %s', (_, days, from, to, expected) => {
    const found = findMissing(new Set(days), from, to);
    expect(found.map((range) => `${range.from} ${range.to} ${range.days}`)).toEqual(expected);
  });
});
