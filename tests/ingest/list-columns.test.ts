import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adoptFile } from '../../src/actions/adopt/adopt-file.js';
import { exportOn } from '../../src/actions/export/export-on.js';
import { verifyLake } from '../../src/actions/verify/verify-lake.js';
import { transform } from '../../src/pipeline.js';
import { writeParquet } from '../lake/masked-file.js';
import { landAnswer, openAnswer, readRows } from './land-answer.js';
import { DATE } from './land-project.js';

const YAML = `time: snapshot
request: { path: /rows, records: '' }
raw_zone: open
contract:
  max_rejected: 60%
  schema:
    type: object
    required: [id]
    properties:
      id: { type: string, pattern: '^[a-z]$', x-pii: none }
      mails:
        type: [array, 'null']
        items: { type: [string, 'null'], maxLength: 20, x-pii: direct }
      tags: { type: array, items: { enum: [a, b, c], x-pii: none } }
      scores: { type: array, x-on-invalid: set_null, items: { type: number, minimum: 0, maximum: 9, x-pii: none } }
      days: { type: array, items: { type: string, format: date, x-pii: quasi } }
      sums: { type: array, items: { type: number, format: decimal, x-scale: 2, minimum: 0, maximum: 9, x-pii: none } }
landing:
  id: { from: id, treat: keep, reviewed: a letter of the test }
  mail_tokens: { from: mails, each: token, scope: mail }
  mails: { from: mails, each: mask_email }
  tags: { from: tags, each: keep }
  scores: { from: scores, each: round, decimals: 0 }
  years: { from: days, each: truncate_date, unit: year }
  moved: { from: days, each: shift_date, subject: id, days: 365 }
  sums: { from: sums, each: keep }
primary_key: [id]
`;

const ANSWER = `[
  {"id":"a","mails":["ann@gmail.com",null,"x@y.example"],"tags":["b","a","b"],"scores":[1.6,2],"days":["2026-03-04"],"sums":[1.10,2]},
  {"id":"b","mails":[],"tags":[],"scores":[10]},
  {"id":"c","mails":null},
  {"id":"d","tags":["z"]},
  {"id":"e","mails":["canary-4711 is far too long"]},
  {"id":"f","tags":"a"}
]`;

const token = expect.stringMatching(/^k1_[0-9a-f]{32}$/) as string;
const ROWS = [
  {
    ...{ id: 'a', mail_tokens: [token, null, token], mails: ['***@gmail.com', null, '***@other'] },
    ...{ tags: ['b', 'a', 'b'], scores: [2, 2], years: ['2026-01-01'], sums: [1.1, 2] },
    moved: [expect.stringMatching(/^202[567]-/) as string],
  },
  { id: 'b', mail_tokens: [], mails: [], tags: [], scores: null, years: null, moved: null, sums: null },
  { id: 'c', mail_tokens: null, mails: null, tags: null, scores: null, years: null, moved: null, sums: null },
];

describe('a list whose elements are treated', () => {
  it('lands as a list, checked by element', async () => {
    const { project, datasets, rows } = await landAnswer(YAML, ANSWER);
    expect(rows).toEqual(ROWS);
    expect(datasets[0]).toMatchObject({ landed: 3, rejected: 3, nulled: [{ path: 'scores', count: 1 }] });
    expect(datasets[0]?.rejects).toEqual([
      { code: 'enum', path: 'tags', count: 1 },
      { code: 'length', path: 'mails', count: 1 },
      { code: 'type', path: 'tags', count: 1 },
    ]);
    const manifest = await project.manifest('2026/03/01/shop_rows.manifest.json');
    expect(manifest.columns.map(({ type }) => type)).toEqual([
      ...[
        'VARCHAR',
        'VARCHAR[]',
        'VARCHAR[]',
        'VARCHAR[]',
        'DOUBLE[]',
        'DATE[]',
        'DATE[]',
        'DECIMAL(18,2)[]',
      ],
    ]);
    expect(await verifyLake(await project.open(), { date: DATE })).toMatchObject({ problems: [] });
  });

  it('gives an element the token that it has elsewhere', async () => {
    const yaml = YAML.replace(
      'landing:\n',
      'landing:\n  one: { from: id, treat: token, scope: mail, reviewed: a test }\n',
    );
    const { rows } = await landAnswer(yaml, '[{"id":"a","mails":["a"]}]');
    const [row] = rows as { one: string; mail_tokens: string[] }[];
    expect(row?.mail_tokens).toEqual([row?.one]);
  });

  it('is found out by verify where one element has another shape', async () => {
    const { project } = await landAnswer(YAML, ANSWER);
    const opened = await project.open();
    const path = join(project.dir, 'data_lake/raw/2026/03/01/shop_rows.parquet');
    const columns = `from read_parquet('${path}')`;
    await writeParquet(path, `select * replace (list_append(mails, 'ann@gmail.com') as mails) ${columns}`);
    const { problems } = await verifyLake(opened, { date: DATE });
    expect(JSON.stringify(problems)).toMatch(/3 cells of column mails do not have the shape of mask_email/);
  });

  it('can be adopted, and is not if one element has another shape', async () => {
    const { project } = await landAnswer(YAML, ANSWER);
    const opened = await project.open();
    const path = join(project.dir, 'data_lake/raw/2026/03/01/shop_rows.parquet');
    const request = { file: join(project.dir, 'foreign.parquet'), dataset: 'shop_rows', date: '2026-03-02' };
    await writeParquet(request.file, `from read_parquet('${path}')`);
    expect(await adoptFile(opened, request)).toMatchObject({ landed: 3 });
    await writeParquet(request.file, `select * replace (['x', 'a'] as tags) from read_parquet('${path}')`);
    await expect(adoptFile(opened, request)).rejects.toMatchObject({ code: 'E_SHAPE' });
  });

  it('stays a list in silver and in exports; CSV has its JSON', async () => {
    const sql = `-- description: Tags of each row.
-- materialize: table
select id, tags, scores, {'first': tags[1], 'n': 1.5::double} as more from bronze.shop_rows
`;
    const project = await openAnswer({ shop_rows: YAML }, ANSWER, { 'sql/shop/silver/shop_tags.sql': sql });
    await project.land({ asOfNow: true });
    const opened = await project.open();
    await transform(opened, { pipeline: 'shop', dates: [] });
    const shared = { pipeline: 'shop', names: ['silver.shop_tags'], date: null, withTokens: false };
    const texts: Record<string, string> = {};
    for (const format of ['json', 'csv', 'parquet'] as const) {
      const { files } = await exportOn(opened, {
        ...shared,
        format,
        out: join(project.dir, `out-${format}`),
      });
      texts[format] = await readFile(files[0]?.path ?? '', 'latin1');
    }
    const rows = JSON.parse(texts['json'] ?? '') as { id: string }[];
    expect(rows.find(({ id }) => id === 'a')).toEqual({
      ...{ id: 'a', tags: ['b', 'a', 'b'], scores: [2, 2], more: { first: 'b', n: 1.5 } },
    });
    expect(rows.find(({ id }) => id === 'c')).toMatchObject({ tags: null, more: { first: null, n: 1.5 } });
    expect(texts['csv']).toContain('a,"[""b"",""a"",""b""]","[2,2]","{""first"":""b"",""n"":1.5}"\r\n');
    const lines = await project.lines('../../out-parquet/silver.shop_tags.parquet');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(rows);
  });

  it('is not exported while an element is a token', async () => {
    const sql =
      '-- description: Tokens.\n-- materialize: table\nselect id, mail_tokens from bronze.shop_rows\n';
    const project = await openAnswer({ shop_rows: YAML }, ANSWER, { 'sql/shop/silver/shop_mails.sql': sql });
    await project.land({ asOfNow: true });
    const opened = await project.open();
    await transform(opened, { pipeline: 'shop', dates: [] });
    const shared = { pipeline: 'shop', names: ['silver.shop_mails'], date: null, format: 'json' } as const;
    await expect(exportOn(opened, { ...shared, out: null, withTokens: false })).rejects.toMatchObject({
      code: 'E_EXPORT_TOKENS',
    });
  });

  it.each([
    ['each: mask_email', 'treat: mask_email', /mails is a list/],
    ['id: { from: id, treat: keep', 'id: { from: id, each: keep', /id is not a list/],
    ['each: mask_email', 'each: mask_mail', /unknown treatment/],
    ['each: mask_email', 'each: keep', /mails is direct and would be kept/],
    ['each: mask_email }', 'each: mask_email, treat: redact }', /cannot be used together/],
    ['mails: { from: mails, each: mask_email }', 'mails: { from: mails }', /`treat` is missing/],
    ['primary_key: [id]', 'primary_key: [tags]', /column tags is a list/],
    ['from: mails, each: token', 'from: [mails, tags], each: token', /exactly one list/],
    [
      'items: { enum: [a, b, c]',
      'items: { x-on-invalid: set_null, enum: [a, b, c]',
      /not supported for `items`/,
    ],
    [
      'items: { enum: [a, b, c], x-pii: none }',
      'items: { type: object, properties: {} }',
      /only supported with `explode`/,
    ],
    [
      'primary_key',
      'checks: [{ check: pattern, severity: warn, column: tags, pattern: a }]\nprimary_key',
      /tags is a list/,
    ],
  ])('is refused where %s becomes %s', async (from, to, says) => {
    await expect(landAnswer(YAML.replace(from, to), [])).rejects.toThrow(says);
  });

  it('lands the same bytes again', async () => {
    const project = await openAnswer({ shop_rows: YAML }, ANSWER);
    await project.land({ asOfNow: true });
    expect((await project.land({ asOfNow: true })).status).toBe('unchanged');
    expect(await readRows(project, 'shop_rows')).toHaveLength(3);
  });
});
