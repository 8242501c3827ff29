import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMoment, findMomentFlaw, type MomentForm } from '../../src/base/dates/moments.js';

const formOf = (format: string, more: Partial<MomentForm> = {}): MomentForm => ({
  kind: 'date-time',
  format,
  timeZone: null,
  ...more,
});
const read = (value: unknown, format: string, more: Partial<MomentForm> = {}): string | null => {
  const form = formOf(format, more);
  expect(findMomentFlaw(form)).toBeNull();
  return compileMoment(form)(value);
};

const TEN = '2026-11-20T10:00:00Z';

describe('a moment', () => {
  it.each([
    ['iso', '2026-11-20T10:00:00Z', TEN],
    ['iso', '2026-11-20t10:00:00z', TEN],
    ['iso', '2026-11-20 10:00:00Z', TEN],
    ['iso', '2026-11-20 10:00:00 UTC', TEN],
    ['iso', '2026-11-20T10:00:00.000+0000', TEN],
    ['iso', '2026-11-20T11:00+01', TEN],
    ['iso', '2026-11-20T15:30:00+05:30', TEN],
    ['iso', '2026-11-20T00:30:00+14:00', '2026-11-19T10:30:00Z'],
    ['iso', '2026-11-20T10:00Z', TEN],
    ['iso', '2026-11-20T10:00:00,123456789Z', '2026-11-20T10:00:00.123456Z'],
    ['iso', '2026-11-20T10:00:00.120Z', '2026-11-20T10:00:00.12Z'],
    ['iso', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['iso', '0001-01-01T00:00:00+01', null],
    ['iso', '2026-11-20T10:00:00', null],
    ['iso', '2026-02-30T10:00:00Z', null],
    ['iso', '2026-11-20T24:00:00Z', null],
    ['iso', '2016-12-31T23:59:60Z', null],
    ['iso', '0000-00-00T00:00:00Z', null],
    ['iso', '10000-01-01T00:00:00Z', null],
    ['iso', ' 2026-11-20T10:00:00Z', null],
    ['iso', 1763596800, null],
    ['epoch', 1795168800, TEN],
    ['epoch', '1795168800', TEN],
    ['epoch', 1795168800.5, '2026-11-20T10:00:00.5Z'],
    ['epoch', '1795168800.000100', '2026-11-20T10:00:00.0001Z'],
    ['epoch', -1, '1969-12-31T23:59:59Z'],
    ['epoch', -0.25, '1969-12-31T23:59:59.75Z'],
    ['epoch', 0, '1970-01-01T00:00:00Z'],
    ['epoch', 1e300, null],
    ['epoch', 1e15, null],
    ['epoch', NaN, null],
    ['epoch', true, null],
    ['epoch', '', null],
    ['epoch_ms', 1795168800000, TEN],
    ['epoch_ms', '1795168800001', '2026-11-20T10:00:00.001Z'],
    ['epoch_ms', 1795168800000.25, '2026-11-20T10:00:00.00025Z'],
    ['epoch_ms', -1, '1969-12-31T23:59:59.999Z'],
    ['epoch_ms', 7, '1970-01-01T00:00:00.007Z'],
    ['EEE, dd MMM yyyy HH:mm:ss XX', 'Fri, 20 Nov 2026 10:00:00 +0000', TEN],
    ["EEE, dd MMM yyyy HH:mm:ss 'GMT'X", 'Fri, 20 Nov 2026 11:00:00 GMT+01', TEN],
    ['M/d/yyyy h:mm aXXX', '11/20/2026 10:00 AMZ', TEN],
    ['M/d/yyyy h:mm a X', '11/20/2026 12:05 AM Z', '2026-11-20T00:05:00Z'],
    ['M/d/yyyy h:mm a X', '11/20/2026 12:05 pm Z', '2026-11-20T12:05:00Z'],
    ["yyyyMMdd'T'HHmmssX", '20261120T100000Z', TEN],
    ['MMMM d, yyyy HH:mm:ss.SSS X', 'November 20, 2026 10:00:00.250 Z', '2026-11-20T10:00:00.25Z'],
    ['dd.MM.yyyy HH:mm X', '20-11-2026 10:00 Z', null],
  ])('as %s: %s', (format, value, moment) => {
    expect(read(value, format)).toBe(moment);
  });

  it.each([
    ['2026-11-20 10:00', 'Europe/Berlin', '2026-11-20T09:00:00Z'],
    ['2026-07-20 10:00', 'Europe/Berlin', '2026-07-20T08:00:00Z'],
    ['2026-11-20 10:00', 'UTC', TEN],
    ['2026-11-20 10:00', 'Asia/Kolkata', '2026-11-20T04:30:00Z'],
    ['2026-03-29 02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
    ['2026-10-25 02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
    ['2026-10-25 03:30', 'Europe/Berlin', '2026-10-25T02:30:00Z'],
    ['2026-11-01 01:30', 'America/New_York', '2026-11-01T05:30:00Z'],
    ['2011-12-30 12:00', 'Pacific/Apia', '2011-12-30T22:00:00Z'],
    ['1850-01-01 00:00', 'Europe/Amsterdam', /^1849-12-31T23:\d\d:\d\dZ$/],
  ])('without a zone: %s in %s', (value, timeZone, moment) => {
    const expected: unknown = typeof moment === 'string' ? moment : expect.stringMatching(moment);
    expect(read(value, 'iso', { timeZone })).toEqual(expected);
    expect(read(value, 'yyyy-MM-dd HH:mm', { timeZone })).toEqual(expected);
  });

  it('keeps its own zone where it has one', () => {
    expect(read('2026-11-20T10:00:00Z', 'iso', { timeZone: 'Europe/Berlin' })).toBe(TEN);
  });

  it('is what the clock of the zone shows', () => {
    const compile = compileMoment(formOf('iso', { timeZone: 'America/St_Johns' }));
    const clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'America/St_Johns',
      ...({ dateStyle: 'short', timeStyle: 'medium' } as const),
    });
    const moments = fc.date({
      min: new Date('1990-01-01'),
      max: new Date('2037-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, (moment) => {
        const shown = clock.format(moment);
        expect(clock.format(new Date(compile(shown) ?? ''))).toBe(shown);
      }),
      { numRuns: 300, seed: 20261120 },
    );
  });
});

describe('a date', () => {
  it.each([
    ['M/d/yyyy', '2/29/1992', '1992-02-29'],
    ['dd/MM/yyyy', '29/02/1992', '1992-02-29'],
    ['yyyy-M-d', '2026-1-5', '2026-01-05'],
    ['yyyyMMdd', '20260105', '2026-01-05'],
    ['MMM d, yyyy', 'Nov 20, 2026', '2026-11-20'],
    ['MMMM d, yyyy', 'May 1, 2026', '2026-05-01'],
    ['M/d/yyyy', '2/30/1992', null],
    ['M/d/yyyy', '13/1/1992', null],
    ['M/d/yyyy', '1/1/0000', null],
    ['M/d/yyyy', '1/1/92', null],
    ['M.d.yyyy', '1x1x1992', null],
  ])('as %s: %s', (format, value, date) => {
    expect(read(value, format, { kind: 'date' })).toBe(date);
  });
});

describe('a form', () => {
  it.each<[Partial<MomentForm> & { format: string }, RegExp]>([
    [{ format: 'epoch', kind: 'date' }, /requires `format: date-time`/],
    [{ format: 'iso', kind: 'date' }, /requires `format: date-time`/],
    [{ format: 'epoch', timeZone: 'UTC' }, /not used/],
    [{ format: 'iso', timeZone: 'Mars/Olympus' }, /must be a time zone/],
    [{ format: 'yy-MM-dd', kind: 'date' }, /must be iso, epoch, epoch_ms, or a pattern/],
    [{ format: 'yyyy-MM', kind: 'date' }, /a year, a month and a day/],
    [{ format: 'yyyy-MM-dd HH', kind: 'date' }, /no time/],
    [{ format: 'yyyy-MM-dd HH:mm' }, /has no zone/],
    [{ format: 'yyyy-MM-dd HH:mm X', timeZone: 'UTC' }, /has a zone/],
    [{ format: 'yyyy-MM-dd X' }, /must have an hour/],
    [{ format: 'yyyy-MM-dd hh:mm', timeZone: 'UTC' }, /must have an hour/],
    [{ format: 'yyyy-MM-dd MM', kind: 'date' }, /twice/],
    [{ format: "yyyy-MM-dd 'x", kind: 'date' }, /quote/],
  ])('is refused: %o', ({ format, ...more }, says) => {
    expect(findMomentFlaw(formOf(format, more))).toMatch(says);
  });
});
