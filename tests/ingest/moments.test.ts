import { describe, expect, it } from 'vitest';
import { landAnswer } from './land-answer.js';
import { DATE, makeProject } from './land-project.js';

const YAML = `time: snapshot
request: { path: /rows, records: '' }
contract:
  max_rejected: 80%
  schema:
    type: object
    required: [id]
    properties:
      id: { type: string, pattern: '^[a-z]$', x-pii: none }
      at: { type: [string, 'null'], format: date-time, x-format: iso, x-pii: none }
      local: { type: string, format: date-time, x-format: 'dd.MM.yyyy HH:mm', x-timezone: Europe/Berlin, x-pii: none }
      born: { type: string, format: date, x-format: M/d/yyyy, x-pii: quasi, x-on-invalid: set_null }
      ms: { type: [integer, 'null'], x-format: epoch_ms, x-pii: none }
      ts: { type: string, format: date-time, x-format: epoch, x-pii: none }
      days: { type: array, items: { type: string, format: date, x-format: yyyy-M-d, x-pii: none } }
landing:
  id: { from: id, treat: keep }
  at: { from: at, treat: keep }
  at_token: { from: at, treat: token, scope: moment, reviewed: a test }
  local: { from: local, treat: keep }
  local_token: { from: local, treat: token, scope: moment, reviewed: a test }
  born_year: { from: born, treat: truncate_date, unit: year }
  moved: { from: ms, treat: shift_date, subject: id, days: 365 }
  ms: { from: ms, treat: keep }
  ts: { from: ts, treat: keep }
  days: { from: days, each: keep }
`;

describe('dates and moments of other forms', () => {
  it('are treated as those of RFC 3339', async () => {
    const { project, datasets, rows } = await landAnswer(YAML, [
      {
        ...{ id: 'a', at: '2026-11-20 10:00:00.000+0000', local: '20.11.2026 11:00', born: '2/29/1992' },
        ...{ ms: 1795168800001, ts: '1795168800.000100', days: ['2026-1-5', '2026-12-31'] },
      },
      { id: 'b', at: '2026-11-20t11:00+01', born: '30/2/1992', ms: null },
      { id: 'c', at: null, ms: false },
      { id: 'd', at: '2026-11-20T10:00:00' },
      { id: 'e', local: '2026-11-20T10:00:00Z' },
      { id: 'f', days: ['canary'] },
    ]);
    const [first, second, third] = rows as Record<string, unknown>[];
    expect(first).toMatchObject({
      ...{ at: '2026-11-20 10:00:00+00', local: '2026-11-20 10:00:00+00', born_year: '1992-01-01' },
      ...{ ms: '2026-11-20 10:00:00.001+00', ts: '2026-11-20 10:00:00.0001+00' },
      ...{
        days: ['2026-01-05', '2026-12-31'],
        moved: expect.stringMatching(/^202[567]-\d\d-\d\d$/) as string,
      },
    });
    expect(first?.['moved']).not.toBe('2026-11-20');
    expect(second).toMatchObject({ at: '2026-11-20 10:00:00+00', born_year: null, ms: null });
    expect(third).toMatchObject({ at: null, ms: null });
    // Equal moments have equal tokens, however they are written.
    expect(new Set([first?.['at_token'], first?.['local_token'], second?.['at_token']]).size).toBe(1);
    expect(datasets[0]?.rejects).toEqual([
      { code: 'format', path: 'at', count: 1 },
      { code: 'format', path: 'days', count: 1 },
      { code: 'format', path: 'local', count: 1 },
    ]);
    expect(datasets[0]?.nulled).toEqual([
      { path: 'born', count: 1 },
      { path: 'ms', count: 1 },
    ]);
    const manifest = await project.manifest('2026/03/01/shop_rows.manifest.json');
    expect(manifest.columns.map(({ type }) => type)).toEqual([
      ...['VARCHAR', 'TIMESTAMPTZ', 'VARCHAR', 'TIMESTAMPTZ', 'VARCHAR', 'DATE', 'DATE', 'TIMESTAMPTZ'],
      ...['TIMESTAMPTZ', 'DATE[]'],
    ]);
  });

  it('may stand in CSV', async () => {
    const text = `pipeline: shop
source: { base_url: 'file:data' }
datasets:
  shop_rows:
    time: by_date
    request: { path: '/{date}.csv', format: csv }
    contract:
      schema:
        type: object
        properties:
          at: { type: [integer, 'null'], format: date-time, x-format: epoch, x-pii: none }
          day: { type: string, format: date, x-format: d.M.yyyy, x-pii: none }
    landing:
      at: { from: at, treat: keep }
      day: { from: day, treat: keep }
`;
    const csv = 'at,day\n1795168800,5.1.2026\n,31.12.2026\n';
    const project = await makeProject({ 'pipelines/shop.yaml': text, [`data/${DATE}.csv`]: csv });
    await project.land();
    expect(
      (await project.lines('2026/03/01/shop_rows.parquet')).map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { at: '2026-11-20 10:00:00+00', day: '2026-01-05' },
      { at: null, day: '2026-12-31' },
    ]);
  });

  it.each([
    ['x-format: iso', 'x-timezone: UTC', /`x-timezone` requires `x-format`/],
    [
      "x-format: 'dd.MM.yyyy HH:mm', x-timezone: Europe/Berlin",
      "x-format: 'dd.MM.yyyy HH:mm'",
      /has no zone/,
    ],
    ['Europe/Berlin', 'Europe/Berln', /must be a time zone/],
    ['format: date, x-format: M/d/yyyy', 'x-format: M/d/yyyy', /requires a text of `format: date`/],
    [
      "type: [integer, 'null'], x-format: epoch_ms",
      "type: [integer, 'null'], x-format: iso",
      /requires a text of/,
    ],
    ['x-format: epoch_ms', 'minimum: 0, x-format: epoch_ms', /`minimum` is not supported with `x-format`/],
  ])('are refused where %s becomes %s', async (from, to, says) => {
    await expect(landAnswer(YAML.replace(from, to), [])).rejects.toThrow(says);
  });
});
