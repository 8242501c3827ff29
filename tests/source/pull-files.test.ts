import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetDefinition, SourceDefinition } from '../../src/base/types/definition.js';
import type { RawPage } from '../../src/base/types/record.js';
import { pullFiles } from '../../src/source/pull-files.js';
import { CANARY, DATE, failureOf, makeDataset, makeEffects, makeSource } from './harness.js';

let projectDir = '';

beforeEach(async () => {
  projectDir = await mkdtemp(join(tmpdir(), 'lakeveil-files-'));
});

afterEach(async () => {
  await rm(projectDir, { recursive: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(projectDir, name)), { recursive: true });
    await writeFile(join(projectDir, name), text);
  }
}

interface Options {
  readonly folder?: string;
  readonly request?: Partial<DatasetDefinition['request']>;
  readonly time?: DatasetDefinition['time'];
  readonly source?: Partial<SourceDefinition>;
  readonly limitPages?: number;
}

async function pull(path: string, options: Options = {}) {
  const request = { path, records: '', ...options.request };
  const pages: RawPage[] = [];
  const receipt = await pullFiles({
    datasets: [makeDataset({ type: 'none' }, { time: options.time ?? 'by_date', request })],
    source: makeSource(options.source),
    ...{ projectDir, folder: options.folder ?? 'data', date: DATE, slot: null, effects: makeEffects() },
    limitPages: options.limitPages ?? null,
    each: (page) => Promise.resolve(void pages.push(page)),
  });
  const sorted = pages.sort((a, b) => a.index - b.index);
  return { receipt, records: sorted.map((page) => page.records) };
}

const SECRET = `[{"email":"${CANARY}"}]`;

describe('project files', () => {
  it('are pulled for their date, in the order of their names, each a page', async () => {
    await write({
      'data/2026/03/01/b.json': '[{"id":3}]',
      'data/2026/03/01/a.json': '[{"id":1},{"id":2}]',
      'data/2026/03/01/B.json': '[]',
      'data/2026/03/01/.c.json': SECRET,
      'data/2026/03/01/c.json.bak': SECRET,
      'data/2026/03/02/a.json': SECRET,
    });
    const { receipt, records } = await pull('/{date:yyyy/MM/dd}/*.json');
    expect(records).toEqual([[], [{ id: 1 }, { id: 2 }], [{ id: 3 }]]);
    expect(receipt).toMatchObject({ pages: 3, records: 3, declaredTotal: null, retries: 0 });
  });

  it.each([
    { format: 'json', records: 'data.items', text: '{"data":{"items":[{"id":1}]}}' },
    { format: 'ndjson', records: '', text: '{"id":1}\n' },
    { format: 'csv', records: '', text: 'id\n1' },
  ] as const)('may be $format', async ({ format, records, text }) => {
    await write({ [`rates-${DATE}.txt`]: text });
    const contract = makeDataset({ type: 'none' }).contract;
    const leaf = { path: 'id', segments: ['id'], class: 'none', type: 'BIGINT', required: true } as const;
    const leaves = new Map([
      ['id', { ...leaf, bound: null, onInvalid: 'reject', many: null, schema: {} } as const],
    ]);
    const dataset = makeDataset(
      { type: 'none' },
      { request: { path: '/rates-{date}.txt', format, records }, contract: { ...contract, leaves } },
    );
    const pages: RawPage[] = [];
    const each = (page: RawPage): Promise<void> => Promise.resolve(void pages.push(page));
    const where = { projectDir, folder: '.', date: DATE, slot: null };
    await pullFiles({
      datasets: [dataset],
      source: makeSource(),
      ...where,
      effects: makeEffects(),
      limitPages: null,
      each,
    });
    expect(pages).toEqual([{ index: 0, records: [{ id: 1 }] }]);
  });

  it('take a star for any text and nothing else for a pattern', async () => {
    await write({ 'data/a+(1).json': '[{"id":1}]', 'data/aa1.json': SECRET });
    expect((await pull('/a+(*).json')).records).toEqual([[{ id: 1 }]]);
  });

  it('stop after limit_pages', async () => {
    await write({ 'data/a.json': '[{"id":1}]', 'data/b.json': SECRET });
    expect((await pull('/*.json', { limitPages: 1 })).receipt).toMatchObject({ pages: 1, records: 1 });
  });

  it('may hold more than a page of an API', async () => {
    await write({ 'data/all.json': JSON.stringify(Array.from({ length: 95_000 }, () => ({}))) });
    expect((await pull('/all.json')).receipt.records).toBe(95_000);
  });
});

describe('files that cannot be had', () => {
  it.each([
    { name: 'no such file', files: {}, path: '/x-{date}.json', code: 'E_DISK_READ', says: 'no such file' },
    { name: 'no such folder', files: {}, path: '/sub/*.json', code: 'E_DISK_READ', says: 'no such file' },
    {
      name: 'none of the pattern',
      files: { 'data/a.csv': SECRET },
      path: '/*.json',
      code: 'E_DISK_READ',
      says: 'no such file',
    },
    {
      name: 'a folder',
      files: { 'data/a/b.json': SECRET },
      path: '/a',
      code: 'E_DISK_READ',
      says: 'not a file',
    },
    {
      name: 'not JSON',
      files: { 'data/a.json': CANARY },
      path: '/a.json',
      code: 'E_SOURCE_NOT_JSON',
      says: 'not JSON',
    },
    {
      name: 'no records',
      files: { 'data/a.json': '[]' },
      path: '/a.json',
      code: 'E_SHORT_PULL',
      says: 'requested all records',
      time: 'snapshot',
    },
    {
      name: 'too large',
      files: { 'data/a.json': SECRET },
      path: '/a.json',
      code: 'E_SOURCE_TOO_LARGE',
      says: '20 bytes',
      source: { maxResponseBytes: 20 },
    },
    {
      name: 'too many files',
      files: { 'data/a.json': SECRET, 'data/b.json': SECRET },
      path: '/*.json',
      code: 'E_SOURCE_CAP',
      says: '1 pages',
      source: { maxPages: 1 },
    },
    {
      name: 'too many records',
      files: { 'data/a.json': '[1,2]' },
      path: '/a.json',
      code: 'E_SOURCE_CAP',
      says: '1 records',
      source: { maxRecords: 1 },
    },
  ] as const)(
    '$name: $code, with the template and no value',
    async ({ files, path, code, says, ...options }) => {
      await write({ 'data/.keep': '', ...files });
      const error = await failureOf(pull(path, options));
      expect(error).toMatchObject({
        code,
        where: { dataset: 'persons', stage: 'fetch', path: `data${path}` },
      });
      expect(error.message).toContain(says);
      const told = `${inspect(error, { depth: 9 })}${JSON.stringify(error)}`;
      expect(told).not.toContain(CANARY);
      expect(error.message + JSON.stringify(error.where)).not.toContain(projectDir);
    },
  );

  it.each(['folder', 'file'] as const)('a %s that is a link is not followed', async (kind) => {
    await write({ 'elsewhere/a.json': SECRET, 'data/.keep': '' });
    if (kind === 'file') await symlink('../elsewhere/a.json', join(projectDir, 'data/a.json'));
    else await symlink('../elsewhere', join(projectDir, 'data/sub'));
    const error = await failureOf(pull(kind === 'file' ? '/*.json' : '/sub/a.json'));
    expect(error).toMatchObject({ code: 'E_DISK_READ', exit: 6 });
    expect(error.message).toContain('the path contains a symbolic link');
  });

  it('an interruption ends it', async () => {
    await write({ 'data/a.json': '[]' });
    const controller = new AbortController();
    controller.abort();
    const error = await failureOf(
      pullFiles({
        datasets: [makeDataset({ type: 'none' }, { request: { path: '/a.json', records: '' } })],
        source: makeSource(),
        ...{ projectDir, folder: 'data', date: DATE, slot: null, limitPages: null },
        effects: makeEffects({ signal: controller.signal }),
        each: () => Promise.resolve(),
      }),
    );
    expect(error.code).toBe('E_INTERRUPTED');
  });
});
