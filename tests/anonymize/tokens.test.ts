import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { blobValue, type Json } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { duckdbDialect } from '../../src/anonymize/dialect.js';
import { checkKey, deriveKey, type MasterKey, padKey } from '../../src/anonymize/keys.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import type { ColumnType, Leaf } from '../../src/base/types/definition.js';
import { Bench, columnOf, datasetOf, KEY, leafOf, textOf } from './bench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => {
  bench.close();
});

interface TokenFacts {
  readonly scope?: string;
  readonly normal?: string;
  readonly key?: MasterKey;
  readonly types?: readonly ColumnType[];
}

async function makeTokens(
  rows: readonly (readonly Json[])[],
  { scope = 'person', normal = 'text', key = KEY, types = [] }: TokenFacts = {},
): Promise<Json[]> {
  const leaves = (rows[0] ?? []).map((_, i) => leafOf(`leaf_${i}`, { type: types[i] ?? 'VARCHAR' }));
  const dataset = datasetOf([columnOf('token', leaves, 'token', { scope, normal })]);
  const treated = await bench.run(compilePolicy(dataset, key.id), rows, key);
  return treated.map(({ value }) => value);
}

describe('the vectors of the documentation', () => {
  const page = readFileSync(new URL('../../docs/tokens.md', import.meta.url), 'utf8');
  const vectors = z
    .array(
      z.object({
        scope: z.string(),
        normal: z.string(),
        leaves: z.array(z.string().nullable()),
        message_hex: z.string(),
        scope_key_hex: z.string(),
        token: z.string(),
      }),
    )
    .length(3)
    .parse(JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? ''));
  const master = /master key `([0-9a-f]{64})`/.exec(page)?.[1] ?? '';
  const key = { id: 'demo', bytes: Buffer.from(master, 'hex') };

  test.each(vectors)('hold in the statement and in node:crypto: $scope, $normal', async (vector) => {
    const { scope, normal, leaves, message_hex: message, scope_key_hex: scopeKey, token } = vector;
    expect(Buffer.from(deriveKey(key, 'token', scope)).toString('hex')).toBe(scopeKey);
    const digest = createHmac('sha256', Buffer.from(scopeKey, 'hex')).update(message, 'hex').digest('hex');
    expect(`demo_${digest.slice(0, 32)}`).toBe(token);
    expect(await makeTokens([leaves], { scope, normal, key })).toEqual([token]);
    expect(page).toContain(`\`${Buffer.from(message, 'hex').toString()}\``);
  });
});

describe('the HMAC of the statement', () => {
  // RFC 4231, cases 1, 2, 5, 6 and 7: those whose data is text. A key above 64 octets is hashed first (RFC 2104).
  const long = 'aa'.repeat(131);
  test.each([
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b'],
    [Buffer.from('Jefe').toString('hex'), 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c7'],
    ['0c'.repeat(20), 'Test With Truncation', 'a3b6167473100ee06e0c796c2955552b'],
    [long, 'Test Using Larger Than Block-Size Key - Hash Key First', '60e431591ee0b67f0d8a26aacbf5b77f'],
    [
      long,
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
      '9b09ffa71b942fcb27635fbcd5b0e944',
    ],
  ])('gives the digest of RFC 4231 under key %s', async (keyHex, data, digest) => {
    const key = Buffer.from(keyHex, 'hex');
    const pads = padKey(key.length > 64 ? createHash('sha256').update(key).digest() : key);
    const reader = await bench.connection.runAndReadAll(
      `select ${duckdbDialect.hmac('$data::varchar', '$inner', '$outer')}`,
      { data, inner: blobValue(pads.inner), outer: blobValue(pads.outer) },
    );
    expect(reader.getRowsJson()).toEqual([[digest]]);
  });

  test('is that of node:crypto over the message, whatever the leaves hold', async () => {
    const leaf = fc.option(
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\u0000', '')),
    );
    const rows = fc.array(fc.tuple(leaf, leaf, leaf), { minLength: 1, maxLength: 300, size: 'max' });
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        expect(await makeTokens(given)).toEqual(given.map((leaves) => tokenOf(leaves)));
      }),
      { numRuns: 6, seed: 4231 },
    );
  });
});

/** The token of texts by node:crypto; NFC is what the two sides may take from tables of different age. */
function tokenOf(leaves: readonly (string | null)[]): string | null {
  if (leaves.every((leaf) => leaf === null)) return null;
  const message = leaves.map((leaf) => {
    const text = leaf?.normalize('NFC');
    return text === undefined ? '-' : `${Buffer.byteLength(text)}:${text}`;
  });
  const digest = createHmac('sha256', deriveKey(KEY, 'token', 'person')).update(message.join(''));
  return `k1_${digest.digest('hex').slice(0, 32)}`;
}

describe('keys', () => {
  /** HKDF-SHA-256 from its two steps (RFC 5869, section 2). */
  function hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Buffer {
    const extracted = createHmac('sha256', salt).update(secret).digest();
    const blocks: Buffer[] = [];
    for (let block = Buffer.alloc(0), i = 1; blocks.length * 32 < length; i++) {
      block = createHmac('sha256', extracted)
        .update(Buffer.concat([block, info, Buffer.from([i])]))
        .digest();
      blocks.push(block);
    }
    return Buffer.concat(blocks).subarray(0, length);
  }
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');

  test('derive as in RFC 5869', () => {
    // A.1 and A.3 show that the two steps above are HKDF; deriveKey must then agree with them.
    const a1 = hkdf(hex('0b'.repeat(22)), hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42);
    const a3 = hkdf(hex('0b'.repeat(22)), hex(''), hex(''), 42);
    expect(a1.toString('hex')).toBe(
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    );
    expect(a3.toString('hex')).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
    const wanted = hkdf(KEY.bytes, hex(''), Buffer.from('lakeveil/v1/token/person'), 32);
    expect(Buffer.from(deriveKey(KEY, 'token', 'person'))).toEqual(wanted);
  });

  test('differ by use, by scope and by master key', () => {
    const other = { id: 'k1', bytes: KEY.bytes.map((octet) => octet ^ 1) };
    const keys = [
      deriveKey(KEY, 'token', 'person'),
      deriveKey(KEY, 'token', 'email'),
      deriveKey(KEY, 'check', 'person'),
      deriveKey(other, 'token', 'person'),
    ].map((key) => Buffer.from(key).toString('hex'));
    expect(new Set(keys).size).toBe(4);
  });

  test('are told apart by their check, without being told', () => {
    const other = { id: 'k1', bytes: KEY.bytes.map((octet) => octet ^ 1) };
    expect(checkKey(KEY)).toMatch(/^[0-9a-f]{8}$/);
    expect(checkKey(KEY)).toBe(checkKey({ id: 'k1', bytes: Uint8Array.from(KEY.bytes) }));
    expect(checkKey(KEY)).not.toBe(checkKey(other));
  });
});

describe('tokens', () => {
  test('of two scopes, two key ids or two keys do not join', async () => {
    const row = [['maja@gmail.com']];
    const other = { id: 'k1', bytes: KEY.bytes.map((octet) => octet ^ 1) };
    const tokens = [
      ...(await makeTokens(row)),
      ...(await makeTokens(row, { scope: 'email' })),
      ...(await makeTokens(row, { key: { ...KEY, id: 'k2' } })),
      ...(await makeTokens(row, { key: other })),
    ];
    const digests = tokens.map((token) => textOf(token).split('_')[1]);
    expect([new Set(tokens).size, new Set(digests).size]).toEqual([4, 3]);
  });

  test('keep leaves apart, and a null shifts nothing', async () => {
    const rows = [
      ['a|b', 'c', null],
      ['a', 'b|c', null],
      ['a|b', null, 'c'],
      [null, 'a|b', 'c'],
      ['-', 'a|b', 'c'],
      ['', 'a|b', 'c'],
      ['a|b1:c', '', null],
      ['3:a|b', 'c', null],
    ];
    expect(new Set(await makeTokens(rows)).size).toBe(rows.length);
    expect(await makeTokens([[null, null, null]])).toEqual([null]);
  });

  test.each([
    ['text', ['O\u0308l', 'Öl'], ['öl', 'Öl ', 'Ol']],
    ['name', ['Ana María', ' ana  mari\u0301a\t', 'ANA\u00a0MARÍA'], ['anamaría', 'Ana-María']],
    ['email', ['maja@x.org', ' Maja@X.ORG '], ['maja@x.or', 'ma ja@x.org']],
    ['phone', ['+49 30 123', '+4930123', ' +49 (30) 1-2-3'], ['4930123', '004930123', '+493012']],
    ['number', ['7', '007', '+7', ' 7 ', '7.0'], ['-7', '70', '7.5', '']],
    ['number', ['0', '-0', '000', '+0'], ['-1', '10']],
    ['number', ['-12', '-0012'], ['12', '-120']],
  ])('of normal form %s join %j and none of %j', async (normal, alike, others) => {
    const tokens = await makeTokens(
      [...alike, ...others].map((text) => [text]),
      { normal },
    );
    expect(new Set(tokens.slice(0, alike.length)).size).toBe(1);
    expect(new Set(tokens).size).toBe(1 + others.length);
  });

  test('of an integer join whatever type it came in', async () => {
    const facts = { scope: 'account', normal: 'number' };
    const tokens = [
      ...(await makeTokens([['00042']], facts)),
      ...(await makeTokens([[42]], { ...facts, types: ['BIGINT'] })),
      ...(await makeTokens([[42]], { ...facts, types: ['DOUBLE'] })),
    ];
    expect(new Set(tokens).size).toBe(1);
  });
});

describe('a token of one leaf that can be guessed needs a review', () => {
  const judge = (...leaves: Leaf[]) => TREATMENTS.get('token')?.objection(leaves, { scope: 'person' })?.kind;
  const range = (maximum: number) => ({ kind: 'range', minimum: 0, maximum }) as const;
  const pattern = (text: string) => ({ kind: 'pattern', pattern: text, maxLength: null }) as const;

  test.each<[string, Partial<Leaf>, string | undefined]>([
    ['an enum', { bound: { kind: 'enum', values: ['f', 'm'] } }, 'review'],
    ['a boolean', { type: 'BOOLEAN' }, 'review'],
    ['a date', { type: 'DATE' }, 'review'],
    ['a time', { type: 'TIME' }, 'review'],
    ['a short text', { schema: { maxLength: 5 } }, 'review'],
    ['a text with a short pattern', { bound: pattern('^[A-Z]{2}$') }, 'review'],
    ['a choice of short texts', { bound: pattern('^(?:[A-Z]{2}|\\d{3,5})$') }, 'review'],
    ['a narrow range', { type: 'BIGINT', bound: range(120) }, 'review'],
    ['a wide range', { type: 'BIGINT', bound: range(10_000_000) }, undefined],
    ['a long pattern', { bound: pattern('^[A-Z]{2}\\d{9}$') }, undefined],
    ['a text', {}, undefined],
    ['an integer', { type: 'BIGINT' }, undefined],
    ['a uuid', { bound: { kind: 'format', format: 'uuid' } }, undefined],
  ])('%s', (_, facts, wanted) => {
    expect(judge(leafOf('value', facts))).toBe(wanted);
    expect(judge(leafOf('value', facts), leafOf('other'))).toBeUndefined();
  });
});
