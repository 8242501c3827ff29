import { expect, it } from 'vitest';
import type { Cell } from '../../src/base/types/result.js';
import { measure, shorten } from '../../src/dashboard/charts/chart-style.js';
import { drawReport } from '../../src/dashboard/charts/draw-report.js';
import type { ReportModel } from '../../src/dashboard/data/models.js';

function reportOf(chart: ReportModel['chart'], rows: readonly (readonly Cell[])[]): ReportModel {
  const columns = [
    { name: 'place', isNumber: false },
    { name: 'people', isNumber: true },
  ];
  return {
    ...{ name: 'r', title: 'People', file: 'r.sql', sql: 'select 1', internal: false, chart },
    result: { columns, rows, total: rows.length, blanked: null },
  };
}

const BAR = { kind: 'bar', x: 'place', y: 'people' } as const;

it('the same report gives the same picture, whatever was drawn before', async () => {
  const report = reportOf(BAR, [
    ['a', 3],
    ['b', 1],
  ]);
  const first = String(await drawReport(report));
  await drawReport(reportOf(BAR, [['c', 9]]));
  expect(String(await drawReport(report))).toBe(first);
  expect(first).toContain('<svg');
});

it('values are inserted into a picture as text', async () => {
  const text = '</text><script>alert(1)</script>\u001b[31m\u202e';
  const drawn = String(await drawReport(reportOf(BAR, [[text, 3]])));
  expect(drawn).not.toMatch(/<script>|\u202e/);
  expect(drawn).not.toContain('\u001b');
  expect(drawn).toContain('&lt;/text&gt;');
});

it.each([
  ['nothing', []],
  ['one row', [['a', 0]]],
  ['values that are not there', [['a', null]]],
  ['numbers below nothing', [['a', -5]]],
  ['four hundred rows', Array.from({ length: 400 }, (_, n) => [`place ${n}`, n])],
] as const)('draws %s', async (_, rows) => {
  const drawn = String(await drawReport(reportOf(BAR, rows)));
  expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
  expect(drawn.length).toBeLessThan(200_000);
});

it('draws five years of days as one line with a limited number of points', async () => {
  const days = Array.from({ length: 1826 }, (_, n) =>
    new Date(Date.UTC(2021, 0, 1 + n)).toISOString().slice(0, 10),
  );
  const rows = days.flatMap((day, n) => [
    [day, n],
    [day, null],
  ]);
  const drawn = String(await drawReport(reportOf({ kind: 'line', x: 'place', y: 'people' }, rows)));
  expect(drawn).toContain('1 of every 4 points');
  expect(drawn).toMatch(/2021[^]*2025/);
  expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
  expect(drawn.length).toBeLessThan(60_000);
});

it.each(['wide', 'narrow'] as const)('shortens names to fit: %s', (size) => {
  const names = [
    'N40 W070',
    'WWWWWWWWWWWWWWWWWWWWWWWWWWWWWW',
    'iiiiiiiiiiiiiiiiiiiii',
    '東京都千代田区永田町一丁目',
  ];
  for (const name of names) {
    const shown = shorten(name, size === 'wide' ? 200 : 120);
    expect(measure(shown)).toBeLessThanOrEqual(size === 'wide' ? 200 : 120);
    if (shown !== name) expect(shown.endsWith('…')).toBe(true);
  }
});

it.each(['bar', 'line', 'points'] as const)(
  'a year in a chart of %s has no thousands separator',
  async (kind) => {
    const columns = ['birth_year', 'people'].map((name) => ({ name, isNumber: true }));
    const rows = [
      [1950, 1234],
      [1980, 2345],
    ];
    const report = reportOf({ kind, x: 'birth_year', y: 'people' }, []);
    const drawn = String(await drawReport({ ...report, result: { columns, rows, total: 2, blanked: null } }));
    expect(drawn).toMatch(/>19[58]0</);
    expect(drawn).not.toMatch(/1,9\d\d</);
    expect(drawn).toMatch(/>[12],\d{3}</);
  },
);
