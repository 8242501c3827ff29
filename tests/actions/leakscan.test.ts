import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CanaryMatcher, parseCanaries } from '../../src/actions/leakscan/canary-values.js';
import { scanFiles, type ScanInput } from '../../src/actions/leakscan/leakscan.js';
import { findPatterns } from '../../src/actions/leakscan/personal-patterns.js';
import type { ProvenColumn } from '../../src/actions/leakscan/scan-tables.js';

describe('a pattern', () => {
  it.each([
    ['email', 'mail ann.o+x@mail.example.co.uk, now'],
    ['email', '{"to":"Ärmel@example.org"}'],
    ['phone', 'call +49 30 901820 today'],
    ['phone', '(555) 555-0147'],
    ['card', 'paid with 4111 1111 1111 1111'],
    ['card', '378282246310005'],
    ['iban', 'to DE89 3704 0044 0532 0130 00.'],
    ['iban', 'GB82WEST12345698765432'],
    ['national id', 'SSN 536-90-4399'],
    ['national id', 'AB 12 34 56 C'],
    ['national id', '12345678Z'],
    ['national id', '2 55 08 14 168 025 38'],
  ])('is found: %s in %j', (pattern, text) => {
    expect(findPatterns(text).map((hit) => hit.pattern)).toEqual([pattern]);
  });

  it.each([
    'local_cb879b6728ffd27f893bb561dc11c9d1', // a token
    'k1_12345678901234567890123456789012',
    '4111111111111112', // Luhn
    '[65024, 10013361, 4795, 1795711412988500704]',
    'DE89370400440532013001', // mod 97
    '2026-11-20T10:11:12.345678Z',
    '019ac0a1-7c1e-7b2d-9d3f-0123456789ab',
    '***@gmail.com',
    '+49*******19',
    'logo@2x.png',
    '48.1372915, -11.5754218',
    '12345678A', // check letter
    '000-12-3456',
    'a@b',
  ])('is not found in %j', (text) => {
    expect(findPatterns(text)).toEqual([]);
  });
});

describe('a value of digits', () => {
  const matcher = new CanaryMatcher(parseCanaries('+49 (555) 0147319\n1234567\n'));

  it('is found whatever separates its digits', () => {
    expect(matcher.findDigits('tel. 0049 555/014-7319')?.line).toBe(1);
    expect(matcher.findDigits('[1234567]')?.line).toBe(2);
  });

  it('is no accident: not a part of a token or of a longer number', () => {
    const texts = [
      'local_a1234567ffd27f893bb561dc11c9d1ab',
      '9912345679',
      'e495550147319d27f893bb561dc11c9d',
    ];
    for (const text of texts) {
      expect(matcher.findDigits(text)).toBeNull();
      expect(matcher.find(Buffer.from(text))).toEqual([]);
    }
  });
});

describe('columns', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lakeveil-scan-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  async function scan(
    names: readonly [string, ScanInput['files'][number]['kind']][],
    columns: ProvenColumn[],
  ) {
    const files = await Promise.all(
      names.map(async ([shown, kind]) => {
        const path = join(dir, shown);
        return { path, shown, kind, bytes: (await stat(path)).size, isInWork: false };
      }),
    );
    const landed = new Map([[join(dir, 'a.parquet'), columns]]);
    const input = { files, unread: [], landed, values: null };
    return scanFiles(input, new AbortController().signal);
  }

  it('that a shape proves are no suspects, nor is what they hold elsewhere; a text without a shape is', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `copy (select 'made.up@example.com' as email, if(i = 2, 'from ann@example.com', 'x') as note from range(3) as rows(i)) to '${dir}/a.parquet'`,
    );
    connection.closeSync();
    instance.closeSync();
    await writeFile(join(dir, 'b.csv'), 'email,n\nmade.up@example.com,1\n');
    await writeFile(join(dir, 'c.log'), 'made.up@example.com\nbob@example.com\n');
    const text = { type: 'VARCHAR', treatment: 'fake' };
    const columns: ProvenColumn[] = [
      { ...text, name: 'email', shape: `email = 'made.up@example.com'`, rule: 'proven' },
      { ...text, name: 'note', shape: 'length(note) < 1000', rule: 'suspect' },
    ];
    const report = await scan([['a.parquet', 'parquet'], ['b.csv', 'csv'], ['c.log', 'other']], columns); // prettier-ignore
    expect(report).toMatchObject({ status: 'suspect', shapes: 2, columns: 4 });
    expect(report.findings).toMatchObject([
      { path: 'a.parquet', column: 'note', place: 'statistics', what: 'email' },
      { path: 'a.parquet', column: 'note', place: 'cells', row: 3, what: 'email', count: 1 },
      { path: 'c.log', place: 'lines', row: 2, what: 'email' },
    ]);
  });
});
