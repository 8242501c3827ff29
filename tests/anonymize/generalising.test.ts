import { createHmac } from 'node:crypto';
import type { Json } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { digestOfList, FAKE_KINDS, FAKE_LISTS } from '../../src/anonymize/fake-lists.js';
import { deriveKey } from '../../src/anonymize/keys.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import type { ColumnType } from '../../src/base/types/definition.js';
import { Bench, columnOf, datasetOf, KEY, leafOf, textOf } from './bench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

async function valuesOf(
  treatment: string,
  params: Readonly<Record<string, unknown>>,
  rows: readonly (readonly Json[])[],
  types: readonly ColumnType[] = ['VARCHAR'],
): Promise<Json[]> {
  const leaves = types.map((type, i) => leafOf(`leaf${i}`, { type }));
  return (await bench.treat({ treatment, params, leaves }, rows)).map(({ value }) => value);
}

describe('bucket', () => {
  test.each<[string, Readonly<Record<string, number>>, ColumnType, readonly Json[], readonly string[]]>([
    [
      'has the lower bound inside and the upper one outside',
      { min: 0, max: 90, width: 10 },
      'DOUBLE',
      [-0.01, -0, 0, 9.99, 10, 89.999, 90, 1e300, -1e300],
      ['<0', '[0-10]', '[0-10]', '[0-10]', '[10-20]', '[80-90]', '>=90', '>=90', '<0'],
    ],
    [
      'is exact at bounds that no double is equal to',
      { min: -0.3, max: 0.7, width: 0.1 },
      'DOUBLE',
      [-0.3, -0.2, 0, 0.3, 0.6, 0.7, 0.1 + 0.2],
      ['[-0.3--0.2]', '[-0.2--0.1]', '[0-0.1]', '[0.3-0.4]', '[0.6-0.7]', '>=0.7', '[0.3-0.4]'],
    ],
    [
      'takes money to the cent',
      { min: 0, max: 1, width: 0.5 },
      'DECIMAL(18,2)',
      ['-0.01', '0.00', '0.49', '0.50', '1.00'],
      ['<0', '[0-0.5]', '[0-0.5]', '[0.5-1]', '>=1'],
    ],
    [
      'takes numbers beyond 2^53',
      { min: 0, max: 10, width: 5 },
      'DECIMAL(38,0)',
      ['-9007199254740993', '5', '99999999999999999999'],
      ['<0', '[5-10]', '>=10'],
    ],
  ])('%s', async (_, params, type, given, labels) => {
    expect(
      await valuesOf(
        'bucket',
        params,
        given.map((value) => [value]),
        [type],
      ),
    ).toEqual(labels);
  });
});

describe('fake', () => {
  const list = FAKE_LISTS.first_name;

  /** The place that FORMATS and docs/pipelines.md describe, by Node's own HMAC. */
  function placeOf(value: string, length = list.length): number {
    const message = `${Buffer.byteLength(value.normalize('NFC'))}:${value.normalize('NFC')}`;
    const digest = createHmac('sha256', deriveKey(KEY, 'fake', 'first_name'))
      .update(message)
      .digest('hex');
    return Number(BigInt(`0x${digest.slice(0, 12)}`) % BigInt(length));
  }

  test.each(FAKE_KINDS)('%s: the list has no two alike', (kind) => {
    const names = FAKE_LISTS[kind].map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(80);
  });

  test('is the element of the list at the place that the keyed digest says', async () => {
    const given = ['Maja', 'Öztürk', 'O\u0308ztu\u0308rk', ''];
    const faked = await valuesOf(
      'fake',
      { kind: 'first_name' },
      given.map((value) => [value]),
    );
    expect(faked).toEqual(given.map((value) => list[placeOf(value)]));
    expect(faked[1]).toBe(faked[2]);
  });

  test('passes the value itself over, however it is written', async () => {
    const itself = [];
    for (let n = 0; itself.length < 3; n++) {
      const written = (list[n % list.length] ?? '').toUpperCase() + ' '.repeat(Math.floor(n / list.length));
      if (list[placeOf(written)]?.toUpperCase() === written.trim()) itself.push(written);
    }
    const faked = await valuesOf(
      'fake',
      { kind: 'first_name' },
      itself.map((value) => [value]),
    );
    expect(faked).toEqual(itself.map((value) => list[(placeOf(value) + 1) % list.length]));
  });

  test('is another one under another key', async () => {
    const policy = compilePolicy(
      datasetOf([columnOf('name', [leafOf('name')], 'fake', { kind: 'city' })]),
      'k2',
    );
    const rows = Array.from({ length: 50 }, (_, n) => [`name ${n}`]);
    const other = { id: 'k2', bytes: Uint8Array.from({ length: 32 }, (_, i) => 255 - i) };
    const [here, there] = [await bench.run(policy, rows), await bench.run(policy, rows, other)];
    expect(here.filter(({ value }, i) => value === there[i]?.value).length).toBeLessThan(5);
  });

  test('has its list in the digest of the policy', () => {
    const dataset = datasetOf([columnOf('name', [leafOf('name')], 'fake', { kind: 'city' })]);
    const fake = TREATMENTS.get('fake');
    if (fake === undefined) throw new Error('there is no treatment fake');
    const changed = new Map([...TREATMENTS, ['fake', { ...fake, facts: () => ({ list_sha256: 'other' }) }]]);
    expect(fake.facts({ kind: 'city' })).toEqual({ list_sha256: digestOfList(FAKE_LISTS.city) });
    expect(compilePolicy(dataset, 'k1', changed).sha256).not.toBe(compilePolicy(dataset, 'k1').sha256);
  });
});

describe('shift_date', () => {
  const DAY_MS = 86_400_000;
  const params = { subject: 'leaf1', days: 180 };
  const types = ['DATE', 'VARCHAR'] as const;
  const daysBetween = (from: Json, to: Json): number =>
    (Date.parse(textOf(to)) - Date.parse(textOf(from))) / DAY_MS;

  test('keeps the days between dates of a subject, over datasets and months', async () => {
    const events = ['2024-02-28', '2024-02-29', '2024-03-01', '1999-12-31', '2000-01-01'];
    const rows = ['ann', 'bo'].flatMap((card) => events.map((event) => [event, card]));
    const shifted = await valuesOf('shift_date', params, rows, types);
    for (const first of [0, events.length]) {
      const shift = daysBetween(events[0] ?? '', shifted[first] ?? '');
      expect(events.map((event, i) => daysBetween(event, shifted[first + i] ?? ''))).toEqual(
        events.map(() => shift),
      );
    }
    expect(shifted[0]).not.toBe(shifted[events.length]);
  });

  test('goes 1 to `days` days either way, all of them, and never 0', async () => {
    const rows = Array.from({ length: 8_000 }, (_, n) => ['2024-06-15', `card-${n}`]);
    const shifts = (await valuesOf('shift_date', params, rows, types)).map((day) =>
      daysBetween('2024-06-15', day),
    );
    const wanted = Array.from({ length: 361 }, (_, i) => i - 180).filter((days) => days !== 0);
    expect([...new Set(shifts)].sort((a, b) => a - b)).toEqual(wanted);
  });

  test('moves a moment from its date in UTC, and tells no time of day', async () => {
    const moments = ['2024-06-15T00:30:00+02:00', '2024-06-14T23:59:59Z'];
    const rows = moments.map((moment) => [moment, 'ann']);
    const [early, late] = await valuesOf('shift_date', params, rows, ['TIMESTAMPTZ', 'VARCHAR']);
    expect(early).toBe(late);
    expect(early).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('has one shift a scope', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => ['2024-06-15', `card-${n}`]);
    const visits = await valuesOf('shift_date', { ...params, scope: 'visits' }, rows, types);
    expect(visits).not.toEqual(await valuesOf('shift_date', params, rows, types));
  });
});
