import { describe, expect, it } from 'vitest';
import type { PaginationDefinition } from '../../src/base/pagination/registry.js';
import { status } from '../support/stub-api.js';
import { failureOf, makeDataset, makeRecords, pull, sendJson, serve } from './harness.js';
import { CURSOR, LINK, LINK_IN_BODY, OFFSET, PAGE } from './sources.js';

/** Pulls a day from a source of `total` records, ten a page, that speaks as `speak` says. */
async function pullSpeaking(
  pagination: PaginationDefinition,
  total: number,
  speak: (page: { from: number; isLast: boolean; data: object[] }) => {
    body?: object;
    headers?: Record<string, string>;
    status?: number;
  },
) {
  const server = await serve((asked, response) => {
    const { query } = asked;
    const from = Number(query.get('skip') ?? query.get('after') ?? (Number(query.get('page') ?? 1) - 1) * 10);
    const data = makeRecords(Math.max(0, Math.min(10, total - from)), from);
    const answer = speak({ from, isLast: from + 10 >= total, data });
    for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
    if (answer.status === undefined) sendJson(response, answer.body ?? { data });
    else void status(answer.status)(response, asked);
  });
  const { receipt } = await pull(server.url, makeDataset(pagination, { time: 'by_date' }));
  return { receipt, asked: server.asked.length };
}

describe('a flag of the last page', () => {
  it.each<[string, PaginationDefinition]>([
    ['page', { ...PAGE, morePath: 'meta.again' }],
    ['offset', { ...OFFSET, morePath: 'meta.again' }],
    ['page without a size', { ...PAGE, sizeParam: null, size: null, lastPath: 'meta.final' }],
    ['cursor', { ...CURSOR, morePath: 'meta.again' }],
    ['cursor from the last record', { ...CURSOR, nextPath: 'records.-1.next', lastPath: 'meta.final' }],
    ['link', { ...LINK_IN_BODY, lastPath: 'meta.final' }],
  ])('ends a pull by %s', async (_, pagination) => {
    const { receipt, asked } = await pullSpeaking(pagination, 20, ({ from, isLast, data }) => ({
      body: {
        // The cursor goes on for ever: only the flag ends the pull.
        meta: {
          again: !isLast,
          final: isLast,
          next: pagination.type === 'link' ? `?skip=${from + 10}` : from + 10,
        },
        data: data.map((record) => ({ ...record, next: from + 10 })),
      },
    }));
    expect({ ...receipt, asked }).toMatchObject({ pages: 2, records: 20, asked: 2 });
  });

  it('that says that there is more is no end, whatever its page holds', async () => {
    let count = 0;
    const { url } = await serve((_asked, response) => {
      count++;
      sendJson(response, { again: count < 3, data: count === 2 ? [] : makeRecords(1, count) });
    });
    const dataset = makeDataset({ ...PAGE, morePath: 'again' }, { time: 'by_date' });
    expect((await pull(url, dataset)).receipt).toMatchObject({ pages: 3, records: 2 });
  });

  it.each<[string, PaginationDefinition, object, string]>([
    [
      'there is more, but names no next page',
      { ...CURSOR, morePath: 'again' },
      { again: true },
      'E_SOURCE_MORE',
    ],
    [
      'it is not the last, but names no next page',
      { ...CURSOR, lastPath: 'end' },
      { end: 0 },
      'E_SOURCE_MORE',
    ],
    ['a word that is none', { ...CURSOR, morePath: 'again' }, { again: 'maybe' }, 'E_SOURCE_SHAPE'],
    ['nothing, on any page', { ...PAGE, morePath: 'agian' }, { again: false }, 'E_SOURCE_SHAPE'],
  ])('fails a pull where it says %s', async (_, pagination, body, code) => {
    const work = pullSpeaking(pagination, 10, ({ data }) => ({
      body: { ...body, meta: { next: null }, data },
    }));
    expect(await failureOf(work)).toMatchObject({ code, exit: 3 });
  });
});

describe('a count in a header', () => {
  it.each<[string, PaginationDefinition, string, (total: number) => number]>([
    [
      'of records, by page',
      { ...PAGE, total: { in: 'header', name: 'x-count' } },
      'X-Count',
      (total) => total,
    ],
    [
      'of records, by offset',
      { ...OFFSET, total: { in: 'header', name: 'x-count' } },
      'x-count',
      (total) => total,
    ],
    [
      'of pages',
      { ...PAGE, pages: { in: 'header', name: 'x-pages' } },
      'X-Pages',
      (total) => Math.ceil(total / 10),
    ],
  ])('is believed: %s', async (_, pagination, name, count) => {
    const speak = () => ({ headers: { [name]: ` ${count(25)}` } });
    const { receipt, asked } = await pullSpeaking(pagination, 25, speak);
    expect({ ...receipt, asked }).toMatchObject({ pages: 3, records: 25, asked: 3 });
    const short = pullSpeaking(pagination, 15, speak);
    expect(await failureOf(short)).toMatchObject({ code: 'E_SHORT_PULL', exit: 3 });
  });

  it('must be there', async () => {
    const work = pullSpeaking({ ...PAGE, total: { in: 'header', name: 'x-count' } }, 5, () => ({}));
    expect((await failureOf(work)).message).toContain('a count in the header `x-count`');
  });
});

describe('a status that is the end', () => {
  const pagination = { ...PAGE, sizeParam: null, size: null, endStatus: [404] };

  it('ends a pull after a page with records', async () => {
    const { receipt } = await pullSpeaking(pagination, 20, ({ data }) =>
      data.length === 0 ? { status: 404 } : {},
    );
    expect(receipt).toMatchObject({ pages: 3, records: 20 });
  });

  it.each([
    ['on the first page', pagination, { status: 404 }],
    ['that the definition does not name', { ...pagination, endStatus: [400] }, { status: 404 }],
  ])('is an error %s', async (_, paging, answer) => {
    const work = pullSpeaking(paging, 20, ({ from }) => (from === 0 && paging !== pagination ? {} : answer));
    expect(await failureOf(work)).toMatchObject({ code: 'E_SOURCE_STATUS', exit: 3 });
  });

  it('does not hide that records are missing', async () => {
    const declared = { ...pagination, total: { in: 'body', name: 'total' } } as const;
    const work = pullSpeaking(declared, 20, ({ from, data }) =>
      from === 10 ? { status: 404 } : { body: { total: 20, data } },
    );
    expect(await failureOf(work)).toMatchObject({ code: 'E_SHORT_PULL' });
  });
});

it('the last record may name the next page', async () => {
  const pagination = { ...CURSOR, nextPath: 'records.-1.id', sizeParam: null, size: null };
  const server = await serve(({ query }, response) => {
    const from = query.has('after') ? Number(query.get('after')) + 1 : 0;
    sendJson(response, { data: makeRecords(Math.max(0, Math.min(10, 25 - from)), from) });
  });
  const { receipt } = await pull(server.url, makeDataset(pagination, { time: 'by_date' }));
  expect(receipt).toMatchObject({ pages: 4, records: 25 });
});

it('a Link header may name the next page by another relation', async () => {
  let count = 0;
  const { url } = await serve((_asked, response) => {
    if (count++ === 0) response.setHeader('link', '<?page=2>; rel="older", </>; rel="newer"');
    sendJson(response, { data: makeRecords(2, 2 * count) });
  });
  const { receipt } = await pull(url, makeDataset({ ...LINK, relation: 'older' }, { time: 'by_date' }));
  expect(receipt).toMatchObject({ pages: 2, records: 4 });
});

it.each<[string, string]>([
  ['"data set"."rows.all"', '{"data set":{"rows.all":[{"id":1}]}}'],
  ['"a\\"b"', '{"a\\"b":[{"id":1}]}'],
  ['"Ünï.cödé 🦊"', '{"Ünï.cödé 🦊":[{"id":1}]}'],
])('records may stand at %s', async (records, body) => {
  const { url } = await serve((_asked, response) => {
    sendJson(response, body);
  });
  const { pages } = await pull(url, makeDataset({ type: 'none' }, { time: 'by_date', request: { records } }));
  expect(pages[0]?.records).toEqual([{ id: 1 }]);
});
