import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it, test } from 'vitest';
import { shapesOfManifest } from '../../src/actions/verify/manifest-shapes.js';
import { digestOfList, FAKE_LISTS } from '../../src/anonymize/fake-lists.js';
import type { ManifestColumn } from '../../src/base/types/manifest.js';
import { manifestOf } from './lake-fixture.js';

const country: ManifestColumn = {
  ...{ name: 'country', type: 'VARCHAR', class: 'quasi', treatment: 'keep', reviewed: null },
  params: {},
};

const CITIES = digestOfList(FAKE_LISTS.city);

const REACHING = { expression: 'value', shape: "read_text('x') = value", type: 'string' };

function shapesOf(column: ManifestColumn) {
  const manifest = manifestOf('persons', 'run', { landed: 0, rejected: 0 });
  return shapesOfManifest({ ...manifest, files: [], columns: [column] });
}

/** Whether values have the shape that a manifest's column tells. */
async function judge(column: ManifestColumn, values: readonly string[]): Promise<unknown[]> {
  const shapes = shapesOf(column);
  if (typeof shapes === 'string') throw new Error(shapes);
  const [shaped] = shapes;
  expect(shaped).toMatchObject({ name: column.name, type: column.type, treatment: column.treatment });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = values.map((value) => `('${value}'::${column.type})`).join(', ');
  const query = `select (${shaped?.shape ?? ''}) from (values ${rows}) as t("${column.name}")`;
  const judged = (await connection.runAndReadAll(query)).getRowsJson().flat();
  instance.closeSync();
  return judged;
}

describe('the shape of a kept column', () => {
  it.each([
    ['a pattern', [{ kind: 'pattern', pattern: '^D[A-Z]$', maxLength: 2 }], [true, false, false]],
    ['a list', [{ kind: 'enum', values: ['FR', 'DE'] }], [true, true, false]],
    ['nothing, where it was reviewed', [null], [true, true, true]],
  ])('is %s of its manifest', async (_, bound, expected) => {
    expect(await judge({ ...country, params: { bound } }, ['DE', 'FR', 'x'.repeat(5_000)])).toEqual(expected);
  });

  it('is a range of its manifest', async () => {
    const age: ManifestColumn = { ...country, name: 'age', type: 'BIGINT' };
    const bound = [{ kind: 'range', minimum: 0, maximum: 120 }];
    expect(await judge({ ...age, params: { bound } }, ['-1', '0', '120', '121'])).toEqual([
      ...[false, true, true, false],
    ]);
  });

  it('is any bound of several leaves', async () => {
    const params = {
      bound: [
        { kind: 'enum', values: ['FR'] },
        { kind: 'enum', values: ['DE'] },
      ],
    };
    const column: ManifestColumn = { ...country, treatment: 'first_present', params };
    expect(await judge(column, ['DE', 'FR', 'x'])).toEqual([true, true, false]);
  });
});

describe('the shape of a treated column', () => {
  it.each<[string, ManifestColumn['params'], string, string]>([
    ['redact', {}, '***', 'Maja'],
    ['token', { scope: 'person', normal: 'text' }, `k1_${'0'.repeat(32)}`, 'Maja'],
    ['mask_email', { providers: [] }, '***@gmail.com', '***@oeztuerk.de'],
    ['mask', { keep_first: 0, keep_last: 0, keep_country: true }, '+49*****', '+4930123456'],
    ['prefix', { length: 2 }, '04', '047'],
    ['bucket', { min: 0, max: 90, width: 10 }, '[20-30]', '23'],
    ['sql', { expression: 'value', shape: "value in ('DE', 'FR')", type: 'string' }, 'DE', 'Maja'],
    ['fake', { kind: 'city', list_sha256: CITIES }, 'Oakdale', 'Maja'],
  ])('is that of %s with its parameters', async (treatment, params, good, bad) => {
    expect(await judge({ ...country, treatment, params }, [good, bad])).toEqual([true, false]);
  });
});

test('the shape of a shifted date is that of a date', async () => {
  const column: ManifestColumn = { ...country, name: 'day', type: 'DATE', treatment: 'shift_date' };
  const params = { subject: ['card', 'name'], days: 180, scope: 'subject' };
  expect(await judge({ ...column, params }, ['2024-06-15', 'infinity'])).toEqual([true, false]);
});

describe('a column that this version does not know', () => {
  it.each<[string, Partial<ManifestColumn>]>([
    ['has another treatment', { treatment: 'blur' }],
    ['has other parameters', { treatment: 'prefix', params: { length: 2, more: 1 } }],
    ['lacks its bound', { params: {} }],
    [
      'is from another list',
      { treatment: 'fake', params: { kind: 'city', list_sha256: '0123456789abcdef' } },
    ],
    ['has an expression that reaches out', { treatment: 'sql', params: REACHING }],
    ['does not say which list', { treatment: 'fake', params: { kind: 'city' } }],
    ['has another kind of bound', { params: { bound: [{ kind: 'sql', text: 'true' }] } }],
    ['has no bound at all', { params: { bound: [] } }],
  ])('because it %s is told by its name', (_, change) => {
    expect(shapesOf({ ...country, ...change })).toBe(
      'this version does not know the treatment of column country',
    );
  });
});
