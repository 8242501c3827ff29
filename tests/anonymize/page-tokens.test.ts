import { createHmac } from 'node:crypto';
import { type Json, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { makeHmac } from '../../src/anonymize/keys.js';
import { NORMAL_FORMS, type NormalForm, planMessage } from '../../src/anonymize/message.js';
import { makeParameterValues, planPage } from '../../src/anonymize/segment-plan.js';
import type { ColumnType } from '../../src/base/types/definition.js';
import { Bench, columnOf, datasetOf, DATE, KEY, leafOf, pageOf } from './bench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

interface Facts {
  readonly normal: NormalForm;
  readonly types?: readonly ColumnType[];
}

/** The tokens of rows as JavaScript computes them, null where it leaves them to SQL, and as SQL computes all of them. */
async function makeBoth(
  rows: readonly (readonly Json[])[],
  { normal, types = [] }: Facts,
): Promise<{ readonly script: Json[]; readonly sql: Json[] }> {
  const leaves = (rows[0] ?? []).map((_, i) => leafOf(`leaf_${i}`, { type: types[i] ?? 'VARCHAR' }));
  const policy = compilePolicy(
    datasetOf([columnOf('token', leaves, 'token', { scope: 'person', normal })]),
    KEY.id,
  );
  const page = pageOf(policy.leaves, rows);
  const written = JSON.parse(planPage(policy, KEY)(page)) as Record<string, Json[]>;
  // Without the columns computed before it, the statement computes all.
  const reader = await bench.connection.runAndReadAll(
    `select "token" from (${policy.statement}) order by "position"`,
    { ...(await makeParameterValues(policy, KEY, DATE)), pages: listValue([page.columns]) },
    { pages: LIST(VARCHAR) },
  );
  return { script: written['given token'] ?? [], sql: reader.getRowsJson().map(([token = null]) => token) };
}

async function expectAlike(rows: readonly (readonly Json[])[], facts: Facts): Promise<Json[]> {
  const { script, sql } = await makeBoth(rows, facts);
  expect(script).toHaveLength(rows.length);
  const different = rows.filter((_, at) => script[at] !== null && script[at] !== sql[at]);
  expect(different).toEqual([]);
  return script;
}

const CODE_POINTS = Array.from({ length: 0x110000 }, (_, code) => code).filter(
  (code) => code !== 0 && !(code >= 0xd800 && code <= 0xdfff),
);
const isPlain = (code: number) => code >= 0x20 && code <= 0x7e;

describe('a token in JavaScript is the token of the statement', () => {
  test.each(NORMAL_FORMS)('for every code point that it takes on: %s', async (normal) => {
    const { script } = await makeBoth(
      CODE_POINTS.filter(isPlain).map((code) => [String.fromCodePoint(code)]),
      { normal },
    );
    expect(script).not.toContain(null);
    const texts = CODE_POINTS.map((code) => String.fromCodePoint(code));
    const write = planMessage([leafOf('leaf')], normal);
    const taken = CODE_POINTS.filter((_, at) => write?.([texts], at, Buffer.alloc(64), 0) !== -1);
    if (normal !== 'text') expect(taken.every(isPlain)).toBe(true);
    const shapes = taken.map((code) => String.fromCodePoint(code));
    const rows = shapes.flatMap((c) => [[c], [`${c}${c}`], [`a${c}`], [` ${c}e7 `], [`+${c}0`]]);
    expect(await expectAlike(rows, { normal })).not.toContain(null);
  });

  test('for texts of any characters that stay as they are in NFC', async () => {
    const unit = fc.constantFrom(
      ...Array.from(
        'azAZ09 .-\u00e9\u00fc\u0130\u0131\u017f\u01c5\u0450\u0439\u3042\u30ab\u4e2d\u9fff\uac00\ud7a3',
      ),
    );
    const row = fc.tuple(fc.option(fc.string({ unit, maxLength: 30 })), fc.string({ unit, maxLength: 30 }));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 400, size: 'max' }), async (rows) => {
        expect(await expectAlike(rows, { normal: 'text' })).not.toContain(null);
      }),
      { numRuns: 5, seed: 1 },
    );
  });

  test.each(NORMAL_FORMS)('for texts of every kind: %s', async (normal) => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(...Array.from('+-0123456789. ()aZ')), maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 10 }).map((given) => given.replaceAll('\u0000', '')),
      fc.constantFrom('\u212a', 'O\u0308', '\u0130', '\u03a3', '\t7', ' 7\n', '\u00a07', 'x'.repeat(5_000)),
    );
    const row = fc.tuple(fc.option(text), fc.option(text));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 300, size: 'max' }), async (rows) => {
        await expectAlike(rows, { normal });
      }),
      { numRuns: 5, seed: 2 },
    );
  });

  test.each<[ColumnType, readonly Json[]]>([
    ['BIGINT', [0, -0, 7, -12, 9007199254740991]],
    ['BOOLEAN', [true, false]],
    ['DATE', ['2026-11-20', '0001-01-01']],
    ['TIMESTAMPTZ', ['2026-11-20T10:00:00Z']],
    ['DECIMAL(18,2)', ['12.50', '-0.01']],
  ])('for leaves of the type %s', async (type, values) => {
    for (const normal of NORMAL_FORMS) {
      const script = await expectAlike(
        values.map((value) => [value]),
        { normal, types: [type] },
      );
      expect(script).not.toContain(null);
    }
  });

  test('and there is none of leaves that only SQL writes as a text', () => {
    const policyOf = (facts: Parameters<typeof leafOf>[1], part: 'first_word' | null = null) =>
      compilePolicy(
        datasetOf([columnOf('token', [leafOf('leaf', facts)], 'token', { scope: 'person' }, part)]),
        KEY.id,
      );
    expect(policyOf({}).precomputed).toHaveLength(1);
    expect(policyOf({ type: 'DOUBLE' }).precomputed).toEqual([]);
    expect(policyOf({ many: 'list' }).precomputed).toEqual([]);
    expect(policyOf({}, 'first_word').precomputed).toEqual([]);
  });
});

test('the HMAC on buffers that are used again is that of node:crypto, for texts of any length', () => {
  const key = new Uint8Array(32).fill(7);
  const { block, start, digest } = makeHmac(key);
  for (const text of ['', 'a', 'x'.repeat(55), '\u00fc', 'x'.repeat(64), '\u4e2d'.repeat(1_300), 'b']) {
    const end = start + block.write(text, start);
    expect(digest(end)).toBe(createHmac('sha256', key).update(text).digest('hex').slice(0, 32));
  }
});

test('a message that its block does not hold is left to SQL, and so is one of nulls', () => {
  const write = planMessage([leafOf('one'), leafOf('other')], 'text');
  const block = Buffer.alloc(4_096);
  const lengths = [0, 9, 10, 99, 100, 999, 1_000, 1_300, 1_400, 5_000];
  const ends = lengths.map((length) => write?.([['x'.repeat(length)], [null]], 0, block, 64));
  expect(ends).toEqual([67, 76, 78, 167, 169, 1_068, 1_070, 1_370, -1, -1]);
  expect(write?.([[null], [undefined]], 0, block, 64)).toBe(-1);
  expect(write?.([[null], ['a|b']], 0, block, 64)).toBe(70);
  expect(block.subarray(64, 70).toString()).toBe('-3:a|b');
});
