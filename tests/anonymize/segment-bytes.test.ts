import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { quoteText } from '../../src/base/duckdb.js';
import type { CheckedPage, MaskedSegment } from '../../src/base/types/record.js';
import { columnOf, datasetOf, KEY, leafOf, pageOf } from './bench.js';
import { NAME, withRoom } from './rooms.js';

async function readSegment(segment: MaskedSegment | undefined) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`from read_parquet(${quoteText(segment?.path ?? '')})`);
  connection.closeSync();
  instance.closeSync();
  return reader.getRowsJson();
}

const token = columnOf('token', [leafOf('id'), NAME], 'token', { scope: 'person' });
const policy = compilePolicy(datasetOf([token, columnOf('firstname', [NAME], 'mask')]), KEY.id);
const leaves = policy.leaves;
const namesOf = (count: number) => Array.from({ length: count }, (_, i) => [`name ${i}`]);

describe('segments', () => {
  test('are in order and the same bytes, in whatever order and company many pages came', async () => {
    const many = Array.from({ length: 40 }, (_, page) =>
      pageOf(
        leaves,
        Array.from({ length: 150 }, (_, i) => [`${page}-${i}`, `name ${page}-${i}`]),
        page,
      ),
    );
    const hashOf = async (order: readonly CheckedPage[], pause: number) =>
      withRoom({ policy, pageSize: 3_000 }, async (room) => {
        for (const [at, page] of order.entries()) {
          const masked = room.mask(page);
          if (at % pause === 0) await masked;
          await room.hasPlace();
        }
        const [segment] = await room.finish();
        const rows = await readSegment(segment);
        const places = many.flatMap(({ index }) => Array.from({ length: 150 }, (_, i) => [index, i]));
        expect(rows.map(([page, position]) => [page, position])).toEqual(places);
        return createHash('sha256')
          .update(await readFile(segment?.path ?? ''))
          .digest('hex');
      });
    const mixed = many.map((_, at) => many[(at * 7) % 40]).filter((page) => page !== undefined);
    const hashes = [
      await hashOf(many, 100),
      await hashOf(many.toReversed(), 3),
      await hashOf(mixed, 5),
      await hashOf(mixed.toReversed(), 100),
    ];
    expect(new Set(hashes).size).toBe(1);
  });

  test('are the same bytes whether their pages shared a statement or not, also beyond half a row group', async () => {
    const long = Array.from({ length: 8 }, (_, page) => pageOf([NAME], namesOf(10_000), page));
    const hashOf = async (order: readonly CheckedPage[], isAlone: boolean) =>
      withRoom({ pageSize: 15_000 }, async (room) => {
        for (const page of order) {
          const masked = room.mask(page);
          if (isAlone) await masked;
        }
        const [segment] = await room.finish();
        return createHash('sha256')
          .update(await readFile(segment?.path ?? ''))
          .digest('hex');
      });
    expect(await hashOf(long.toReversed(), true)).toBe(await hashOf(long, false));
  });
});
