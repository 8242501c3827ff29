import { expect, it } from 'vitest';
import { drawReport } from '../../src/dashboard/charts/draw-report.js';
import type { ReportModel } from '../../src/dashboard/models.js';
import type { Cell } from '../../src/result.js';

function reportOf(chart: ReportModel['chart'], rows: readonly (readonly Cell[])[]): ReportModel {
  const columns = [
    { name: 'place', isNumber: false },
    { name: 'people', isNumber: true },
  ];
  return {
    ...{ name: 'r', title: 'People', file: 'r.sql', sql: 'select 1', internal: false, chart },
    result: { columns, rows, total: rows.length },
  };
}

const BAR = { kind: 'bar', x: 'place', y: 'people' } as const;

it('the same report is the same picture, whatever was drawn before', async () => {
  const report = reportOf(BAR, [
    ['a', 3],
    ['b', 1],
  ]);
  const first = String(await drawReport(report));
  await drawReport(reportOf(BAR, [['c', 9]]));
  expect(String(await drawReport(report))).toBe(first);
  expect(first).toContain('<svg');
});

it('values stay text in a picture', async () => {
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
