import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { PLAIN_CSV } from '../../src/base/types/csv-definition.js';
import type { Leaf, RequestDefinition } from '../../src/base/types/definition.js';
import { pullFiles } from '../../src/source/pull-files.js';
import { closeAfterTest } from '../support/after-each.js';
import { bytes } from '../support/stub-api.js';
import { CANARY, failureOf, makeDataset, makeEffects, makeSource, MOMENT, pull, serve } from './harness.js';

const ROWS = [{ id: 1, name: 'Łukasz Çelik' }];
const JSON_TEXT = JSON.stringify({ data: ROWS });

async function pullBody(
  body: Buffer | string,
  contentType = 'application/json',
  request: Partial<RequestDefinition> = {},
  types: Readonly<Record<string, Leaf['type']>> = {},
) {
  const { url } = await serve((asked, response) =>
    bytes(body, { 'content-type': contentType })(response, asked),
  );
  const leaves = Object.entries(types).map(([path, type]): [string, Leaf] => [
    path,
    {
      ...{
        path,
        segments: [path],
        class: 'none',
        type,
        required: false,
        bound: null,
        onInvalid: 'reject',
        many: null,
        moment: null,
      },
      schema: { type: ['string', 'null'] },
    },
  ]);
  const plain = makeDataset({ type: 'none' }, { time: 'by_date', request });
  const contract = { ...plain.contract, leaves: new Map(leaves) };
  const { pages } = await pull(
    url,
    { ...plain, contract },
    { source: { retries: 0, maxResponseBytes: 10_000 } },
  );
  return pages.flatMap(({ records }) => records);
}

function utf16(text: string, isBig = false): Buffer {
  const little = Buffer.from(text, 'utf16le');
  return isBig ? little.swap16() : little;
}

describe('a body in another charset', () => {
  it.each<[string, Buffer, string, string | null]>([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${JSON_TEXT}`), 'application/json', null],
    ['UTF-16 with a byte order mark', utf16(`\ufeff${JSON_TEXT}`), 'application/json', null],
    ['UTF-16, big end first', utf16(`\ufeff${JSON_TEXT}`, true), 'application/json', null],
    ['UTF-16 without a mark', utf16(JSON_TEXT), 'application/json', null],
    ['UTF-16 without a mark, big end first', utf16(JSON_TEXT, true), 'application/json', null],
    [
      'UTF-8 that its header calls Latin-1',
      Buffer.from(JSON_TEXT),
      'application/json; charset=iso-8859-1',
      null,
    ],
  ])('is read: %s', async (_, body, contentType, encoding) => {
    expect(await pullBody(body, contentType, { encoding })).toEqual(ROWS);
  });

  it.each([
    ['its header', 'text/json; charset="ISO-8859-1"', null],
    ['the definition', 'application/json', 'latin1'],
  ])('is read as %s says', async (_, contentType, encoding) => {
    const text = JSON.stringify({ data: [{ name: 'Çelik' }] });
    expect(await pullBody(Buffer.from(text, 'latin1'), contentType, { encoding })).toEqual([
      { name: 'Çelik' },
    ]);
  });

  it.each<[string, Buffer, string]>([
    ['klingon', Buffer.from('{"data":[]}'), 'is not known'],
    ['shift_jis', Buffer.from([0x22, 0x81, 0x22, 0xff]), 'not text in its charset'],
  ])('is an error: %s', async (charset, body, told) => {
    const error = await failureOf(pullBody(body, `application/json; charset=${charset}`));
    expect(error).toMatchObject({ code: 'E_SOURCE_BODY', exit: 3 });
    expect(error.message).toContain(told);
    expect(error.message).toContain(`\`${charset}\``);
  });
});

describe('an archive as a body', () => {
  it.each<[string, Buffer]>([
    ['gzip', gzipSync(JSON_TEXT)],
    ['zip', Buffer.from(zipSync({ 'data/': new Uint8Array(), 'data/people.json': strToU8(JSON_TEXT) }))],
  ])('is unpacked: %s', async (_, body) => {
    expect(await pullBody(body, 'application/octet-stream')).toEqual(ROWS);
  });

  it('is unpacked from a file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'lakeveil-body-'));
    closeAfterTest(() => rm(dir, { recursive: true }));
    await writeFile(join(dir, 'people.json.gz'), gzipSync(JSON_TEXT));
    const names: unknown[] = [];
    await pullFiles({
      datasets: [makeDataset({ type: 'none' }, { time: 'by_date', request: { path: '/people.json.gz' } })],
      ...{ source: makeSource(), projectDir: dir, folder: '.', ...MOMENT, limitPages: null },
      effects: makeEffects(),
      each: ({ records }) => {
        names.push(...records);
        return Promise.resolve();
      },
    });
    expect(names).toEqual(ROWS);
  });

  const large = Buffer.from(JSON.stringify({ data: Array.from({ length: 5_000 }, (_, id) => ({ id })) }));
  it.each<[string, Buffer, string]>([
    ['gzip that is too large', gzipSync(large), 'E_SOURCE_TOO_LARGE'],
    ['zip that is too large', Buffer.from(zipSync({ a: large })), 'E_SOURCE_TOO_LARGE'],
    ['gzip that is cut off', gzipSync(JSON_TEXT).subarray(0, -12), 'E_SOURCE_BODY'],
    [
      'zip that is cut off',
      Buffer.from(zipSync({ a: strToU8(JSON_TEXT) })).subarray(0, -30),
      'E_SOURCE_BODY',
    ],
    ['zip with two files', Buffer.from(zipSync({ a: strToU8('1'), b: strToU8('2') })), 'E_SOURCE_BODY'],
    ['zip with none', Buffer.from(zipSync({ 'a/': new Uint8Array() })), 'E_SOURCE_BODY'],
  ])('is an error: %s', async (_, body, code) => {
    expect(await failureOf(pullBody(body))).toMatchObject({ code, exit: 3 });
  });
});

it.each([")]}',\n", ')]}\n', 'for(;;);', 'while(1);'])('JSON may come after the guard %j', async (guard) => {
  expect(await pullBody(`${guard}${JSON_TEXT}`)).toEqual(ROWS);
});

describe('a body that is not JSON', () => {
  it.each<[string, Buffer | string, string]>([
    ['HTML', `<p>${CANARY}</p>`, 'starts with `<`: HTML or XML'],
    ['XML', `<?xml version="1.0"?><a>${CANARY}</a>`, 'starts with `<`: HTML or XML'],
    ['bytes', Buffer.from([0x7b, 0xe9, 0x7d, 0xff]), '4 bytes, not UTF-8; name its charset'],
    ['cut off', `{"data":[{"name":"${CANARY}`, 'a syntax error in it'],
    ['a text', CANARY, 'starts with neither'],
  ])('is described without a value: %s', async (_, body, told) => {
    const error = await failureOf(pullBody(body));
    expect(error).toMatchObject({ code: 'E_SOURCE_NOT_JSON', exit: 3 });
    expect(error.message).toContain(told);
    expect(error.message).not.toContain(CANARY);
  });
});

describe('CSV', () => {
  const TYPES = { id: 'BIGINT', name: 'VARCHAR', price: 'DOUBLE', exact: 'DECIMAL(18,2)' } as const;
  it.each<[string, string, Partial<typeof PLAIN_CSV>, object]>([
    ['a semicolon', 'id;name\n1;"a;b"\n', { delimiter: ';' }, { id: 1, name: 'a;b' }],
    ['a tab', 'id\tname\n1\ta\n', { delimiter: '\t' }, { id: 1, name: 'a' }],
    ['another quote', "id,name\n1,'a,''b'\n", { quote: "'" }, { id: 1, name: "a,'b" }],
    ['no quotes', 'id,name\n1,"a\n', { quote: '' }, { id: 1, name: '"a' }],
    [
      'lines above the header',
      'Export of "people\n2026\nid,name\n1,a\n',
      { skipLines: 2 },
      { id: 1, name: 'a' },
    ],
    [
      'other spellings of null',
      'id,name,price\nNA,\\N,-\n',
      { nullValues: ['NA', '\\N', '-'] },
      { id: null, name: null, price: null },
    ],
    [
      'a decimal comma',
      'id;price;exact\n1;-1,5;2,50\n',
      { delimiter: ';', decimalComma: true },
      { id: 1, price: -1.5, exact: '2.50' },
    ],
    ['a comma at the end of each line', 'id,name,\n1,a,\n', {}, { id: 1, name: 'a' }],
    ['a comma at the end of each row alone', 'id,name\n1,a,\n', {}, { id: 1, name: 'a' }],
    ['equal names in its header', 'id,name,name\n1,a,b\n', {}, { id: 1, name: 'a', name_2: 'b' }],
  ])('may have %s', async (_, body, csv, row) => {
    const request = { format: 'csv', records: '', csv: { ...PLAIN_CSV, ...csv } } as const;
    expect(await pullBody(body, 'text/csv', request, TYPES)).toEqual([row]);
  });

  it('with a point is no number where a comma is', async () => {
    const request = {
      format: 'csv',
      records: '',
      csv: { ...PLAIN_CSV, delimiter: ';', decimalComma: true },
    } as const;
    const [row] = await pullBody('id;price\n1;1.234,5\n', 'text/csv', request, TYPES);
    expect(typeof (row as { price: unknown }).price).toBe('string');
  });

  it('with another delimiter is an error that names it', async () => {
    const request = { format: 'csv', records: '' } as const;
    const error = await failureOf(pullBody('id;name\n1;a\n', 'text/csv', request, TYPES));
    expect(error).toMatchObject({ code: 'E_SOURCE_NOT_CSV', exit: 3 });
    expect(error.message).toContain('set `csv: { delimiter: ";" }`');
  });
});
