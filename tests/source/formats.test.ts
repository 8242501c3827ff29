import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.js';
import type { BodyFormat, Leaf, RequestDefinition } from '../../src/base/types/definition.js';
import { type Answer, bytes, drip } from '../support/stub-api.js';
import { sendRaw } from './answers.js';
import { CANARY, failureOf, makeDataset, pull, serve } from './harness.js';
import { OFFSET } from './sources.js';

/** Leaves as a contract of CSV has them, at the top of the record. */
function makeLeaves(types: Readonly<Record<string, Leaf['type'] | 'VARCHAR?'>>): ReadonlyMap<string, Leaf> {
  return new Map(
    Object.entries(types).map(([path, type]) => [
      path,
      {
        ...{
          path,
          segments: [path],
          class: 'none',
          required: false,
          bound: null,
          onInvalid: 'reject',
          many: null,
        },
        type: type === 'VARCHAR?' ? 'VARCHAR' : type,
        schema: { type: type === 'VARCHAR?' ? ['string', 'null'] : 'string' },
      },
    ]),
  );
}

const LEAVES = makeLeaves({
  id: 'BIGINT',
  name: 'VARCHAR',
  note: 'VARCHAR?',
  price: 'DOUBLE',
  paid: 'BOOLEAN',
});

function makeFormat(format: BodyFormat, more: Partial<RequestDefinition> = {}) {
  const { contract } = makeDataset({ type: 'none' });
  const request = { format, records: '', ...more };
  return makeDataset({ type: 'none' }, { request, contract: { ...contract, leaves: LEAVES } });
}

async function read(
  format: BodyFormat,
  body: string | Buffer,
  answer: Answer = bytes(body),
  more: Partial<RequestDefinition> = {},
) {
  const server = await serve((asked, response) => answer(response, asked));
  const { pages } = await pull(server.url, makeFormat(format, more));
  return { server, records: pages.flatMap((page) => page.records) };
}

describe('a body of lines of JSON', () => {
  it.each([
    { name: 'with and without a line break at its end', body: '{"id":1}\n{"id":2}' },
    { name: 'of lines that end as on Windows', body: '{"id":1}\r\n{"id":2}\r\n' },
    { name: 'with empty lines', body: '\n{"id":1}\n\n  \n{"id":2}\n' },
    { name: 'with a byte order mark', body: '\ufeff{"id":1}\n{"id":2}\n' },
  ])('is one record a line: $name', async ({ body }) => {
    const { server, records } = await read('ndjson', body);
    expect(records).toEqual([{ id: 1 }, { id: 2 }]);
    expect(server.asked[0]?.headers.accept).toBe('application/x-ndjson');
  });

  it('may hold a line break within a text', async () => {
    expect((await read('ndjson', '{"name":"a\\nb\u2028"}\n')).records).toEqual([{ name: 'a\nb\u2028' }]);
  });
});

describe('a JSON object whose values are the records', () => {
  const keyed = (body: string, records = '') =>
    read('json', body, undefined, { records, keyed: true }).then((found) => found.records);

  it('gives them without its keys, as the body or within it', async () => {
    const users = '{"a@b.c":{"id":1},"__proto__":{"id":2},"7":{"id":3}}';
    expect(await keyed(users)).toEqual([{ id: 3 }, { id: 1 }, { id: 2 }]);
    expect(await keyed(`{"data":{"users":${users}}}`, 'data.users')).toHaveLength(3);
  });

  it.each(['[{"id":1}]', '{"users":[1]}', '{"users":7}', '7'])('must be one: %s', async (body) => {
    const error = await failureOf(keyed(body, body.includes('users') ? 'users' : ''));
    expect(error).toMatchObject({ code: 'E_SOURCE_SHAPE' });
  });
});

describe('a body of CSV', () => {
  it.each([
    {
      name: 'cells as the contract wants them',
      body: 'id,name,price,paid\n7,Ann,1.50,true\n',
      row: { id: 7, name: 'Ann', price: 1.5, paid: true },
    },
    {
      name: 'commas, quotes and line breaks in a cell',
      body: 'id,name\n1,"a ""b"", c\r\nd"\n',
      row: { id: 1, name: 'a "b", c\r\nd' },
    },
    { name: 'CRLF and no line break at the end', body: 'id,name\r\n1,a', row: { id: 1, name: 'a' } },
    { name: 'blanks, which belong to a cell', body: 'id,name\n 1, a \n', row: { id: ' 1', name: ' a ' } },
    { name: 'a byte order mark', body: '\ufeffid\n1\n', row: { id: 1 } },
    { name: 'empty lines', body: 'id,name\n\n1,a\n\n', row: { id: 1, name: 'a' } },
    {
      name: 'empty cells: null, but for text that may not be',
      body: 'id,name,note,price,paid\n,,,,\n',
      row: { id: null, name: '', note: null, price: null, paid: null },
    },
    { name: 'undeclared columns as text', body: 'id,ssn\n1,007\n', row: { id: 1, ssn: '007' } },
    {
      name: 'digits beyond 2^53 as a number that the contract refuses',
      body: 'id\n9007199254740993\n',
      row: { id: 9007199254740992 },
    },
    ...['007', '+1', '-0', '1.0', '1e3', '0x1', '1 000', '१'].map((id) => ({
      name: `an integer that is none, ${id}`,
      body: `id\n${id}\n`,
      row: { id },
    })),
    ...['1,5', '.5', '5.', 'NaN', 'Infinity', '00.1'].map((price) => ({
      name: `a number that is none, ${price}`,
      body: `price\n"${price}"\n`,
      row: { price },
    })),
    ...['TRUE', '1', 'yes', 't'].map((paid) => ({
      name: `a boolean that is none, ${paid}`,
      body: `paid\n${paid}\n`,
      row: { paid },
    })),
  ])('is read: $name', async ({ body, row }) => {
    const { server, records } = await read('csv', body);
    expect(records).toEqual([row]);
    expect(server.asked[0]?.headers.accept).toBe('text/csv');
  });

  it('gives a column called __proto__ to the record itself, and to nothing else', async () => {
    const [record] = (await read('csv', 'id,__proto__\n1,x\n')).records;
    expect(Object.getOwnPropertyNames(record)).toEqual(['id', '__proto__']);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
  });

  it('pages by offset until a short one', async () => {
    const rows = Array.from({ length: 25 }, (_, i) => String(i));
    const server = await serve((asked, response) => {
      const from = Number(asked.query.get('skip'));
      return bytes(['id', ...rows.slice(from, from + 10)].join('\n'))(response, asked);
    });
    const dataset = { ...makeFormat('csv'), request: { ...makeFormat('csv').request, pagination: OFFSET } };
    const { pages } = await pull(server.url, dataset);
    expect(pages.flatMap((page) => page.records)).toEqual(rows.map((id) => ({ id: Number(id) })));
  });
});

describe('a body that is not of its format', () => {
  const many = (row: string, count: number): string => `${row}\n`.repeat(count);
  const BROKEN: readonly { format: BodyFormat; name: string; send: Answer; code: ErrorCode; tries?: 3 }[] = [
    { format: 'ndjson', name: 'HTML', send: bytes(`<p>${CANARY}</p>`), code: 'E_SOURCE_NOT_JSON' },
    {
      format: 'ndjson',
      name: 'a cut line',
      send: bytes(`{"id":1}\n{"x":"${CANARY}`),
      code: 'E_SOURCE_NOT_JSON',
    },
    {
      format: 'ndjson',
      name: 'not UTF-8',
      send: bytes(Buffer.from([0x22, 0xe9, 0x22])),
      code: 'E_SOURCE_NOT_JSON',
    },
    {
      format: 'ndjson',
      name: 'too many objects',
      send: bytes(many('{}', 90_001)),
      code: 'E_SOURCE_STRUCTURE',
    },
    {
      format: 'ndjson',
      name: 'nesting',
      send: bytes('['.repeat(40) + ']'.repeat(40)),
      code: 'E_SOURCE_STRUCTURE',
    },
    { format: 'ndjson', name: 'no end', send: sendRaw('', '{"id":1}\n'), code: 'E_SOURCE_BODY', tries: 3 },
    { format: 'csv', name: 'nothing', send: bytes(''), code: 'E_SOURCE_BODY', tries: 3 },
    { format: 'csv', name: 'HTML', send: bytes(`<p>${CANARY}</p>`), code: 'E_SOURCE_SHAPE' },
    { format: 'csv', name: 'an open quote', send: bytes(`id\n"${CANARY}`), code: 'E_SOURCE_NOT_CSV' },
    { format: 'csv', name: 'a stray quote', send: bytes(`id\n"a"${CANARY}\n`), code: 'E_SOURCE_NOT_CSV' },
    {
      format: 'csv',
      name: 'a short row',
      send: bytes(`id,name\n1,a\n${CANARY}\n`),
      code: 'E_SOURCE_NOT_CSV',
    },
    { format: 'csv', name: 'a long row', send: bytes(`id,name\n1,a,${CANARY}\n`), code: 'E_SOURCE_NOT_CSV' },
    {
      format: 'csv',
      name: 'a name met twice',
      send: bytes(`id,${CANARY},${CANARY},${CANARY}_2\n`),
      code: 'E_SOURCE_NOT_CSV',
    },
    {
      format: 'csv',
      name: 'not UTF-8',
      send: bytes(Buffer.from([0x69, 0x64, 0x0a, 0xe9])),
      code: 'E_SOURCE_NOT_CSV',
    },
    {
      format: 'csv',
      name: 'too many rows',
      send: bytes(`id\n${many('1', 90_001)}`),
      code: 'E_SOURCE_STRUCTURE',
    },
    {
      format: 'csv',
      name: 'too many columns',
      send: bytes(`id${Array.from({ length: 1_000 }, (_, i) => `,c${i}`).join('')}\n`),
      code: 'E_SOURCE_STRUCTURE',
    },
    { format: 'csv', name: 'no end', send: sendRaw('', 'id\n1\n'), code: 'E_SOURCE_BODY', tries: 3 },
    { format: 'csv', name: 'a drip feed', send: drip('id\n1'), code: 'E_SOURCE_TIMEOUT', tries: 3 },
  ];

  it.each(BROKEN)('$format: $name is $code, told without a value', async ({ format, send, code, tries }) => {
    const server = await serve((asked, response) => send(response, asked));
    const source = { timeoutMs: code === 'E_SOURCE_TIMEOUT' ? 120 : 5_000 };
    const error = await failureOf(pull(server.url, makeFormat(format), { source }));
    expect(error).toMatchObject({ code, exit: 3, where: { page: 0, tries: tries ?? 1 } });
    expect(`${inspect(error, { depth: 9 })}${JSON.stringify(error)}`).not.toContain(CANARY);
  });

  it('names the record that is wrong by its position', async () => {
    const server = await serve((asked, response) => bytes('id,name\n1,a\n2\n')(response, asked));
    const error = await failureOf(pull(server.url, makeFormat('csv')));
    expect(error.where).toMatchObject({ page: 0, position: 1 });
  });
});
