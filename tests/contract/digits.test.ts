import { describe, expect, it } from 'vitest';
import { compileDigits, compileRange } from '../../src/contract/digits.js';

describe('the digits of a DECIMAL', () => {
  it.each([
    {
      precision: 38,
      scale: 0,
      good: ['0', '-7', '9007199254740993', '9'.repeat(38)],
      bad: ['', '-', '-0', '+1', '007', '1.0', '1.', '1e3', ' 1', '1 ', '1\n', '9'.repeat(39), '१', 'NaN'],
    },
    {
      precision: 18,
      scale: 2,
      good: ['0', '0.1', '-0.10', '12.50', '9999999999999999.99'],
      bad: ['-0.00', '.5', '5.', '1.500', '00.5', '1,5', '12345678901234567', '1e-2', 'Infinity'],
    },
    { precision: 18, scale: 18, good: ['0.123456789012345678', '0'], bad: ['1', '1.5'] },
  ])('of $precision and $scale', ({ precision, scale, good, bad }) => {
    const isExact = compileDigits({ precision, scale });
    expect(good.filter((text) => !isExact(text))).toEqual([]);
    expect(bad.filter(isExact)).toEqual([]);
  });

  it.each([
    {
      range: { minimum: '0', maximum: '9.5' },
      inside: ['0', '0.00', '9.50', '9.499999'],
      outside: ['-0.01', '9.51', '10'],
    },
    {
      range: { exclusiveMinimum: '0', exclusiveMaximum: '1' },
      inside: ['0.01', '0.99'],
      outside: ['0', '0.00', '1', '1.00'],
    },
    {
      range: { maximum: '9007199254740991' },
      inside: ['9007199254740991', '-1'],
      outside: ['9007199254740992'],
    },
    { range: {}, inside: ['1', 'x'], outside: [] },
  ])('within $range', ({ range, inside, outside }) => {
    const isWithin = compileRange(range);
    expect(inside.filter((text) => !isWithin(text))).toEqual([]);
    expect(outside.filter(isWithin)).toEqual([]);
  });
});
