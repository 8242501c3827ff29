import { describe, expect, it } from 'vitest';
import type { PaginationDefinition } from '../../src/base/pagination/registry.js';
import type { DatasetDefinition } from '../../src/base/types/definition.js';
import { failureOf, makeDataset, makeRecords, pull, sendJson, serve } from './harness.js';
import { CURSOR, LINK, LINK_IN_BODY, OFFSET, PAGE } from './sources.js';

const NONE: PaginationDefinition = { type: 'none' };
const data = makeRecords(3);

/** Pulls a day from a source that gives each answer in turn, and the last one for ever. */
async function pullAnswers(
  pagination: PaginationDefinition,
  answers: readonly object[],
  request: Partial<DatasetDefinition['request']> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  let count = 0;
  const { url } = await serve((_asked, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    sendJson(response, answers[Math.min(count++, answers.length - 1)]);
  });
  return pull(url, makeDataset(pagination, { time: 'by_date', request }));
}

describe('a last page that says that there is more', () => {
  it.each<[string, object]>([
    ['has_more', { has_more: true }],
    ['hasMore', { hasMore: true }],
    ['hasNextPage', { hasNextPage: true }],
    ['has_next', { has_next: true }],
    ['truncated', { truncated: true }],
    ['more', { more: true }],
    ['isLast', { isLast: false }],
    ['last', { last: false }],
    ['end_of_stream', { end_of_stream: false }],
    ['done', { done: false }],
    ['next', { next: 'https://api.example.org/people?page=2' }],
    ['next_cursor', { next_cursor: 17 }],
    ['nextPageToken', { nextPageToken: 'x' }],
    ['"@odata.nextLink"', { '@odata.nextLink': 'https://api.example.org/people?skip=3' }],
    ['nextRecordsUrl', { nextRecordsUrl: '/query/01g-2000' }],
    ['_links.next', { _links: { next: { href: '/people?page=2' } } }],
    ['paging.next', { paging: { next: { after: 'x' } } }],
    ['pageInfo.hasNextPage', { pageInfo: { hasNextPage: true } }],
    ['meta.total', { meta: { total: 4 } }],
    ['"@odata.count"', { '@odata.count': 4 }],
    ['count', { count: 4 }],
    ['total', { total: '4' }],
    ['numFound', { numFound: 4 }],
    ['meta.total_pages', { meta: { total_pages: 2 } }],
    ['remainingItemCount', { remainingItemCount: 1 }],
    ['__next', { __next: '/people?skip=3' }],
    ['offset', { offset: 'itr3' }],
    ['cursor', { cursor: 'x' }],
    ['continuationToken', { continuationToken: 'x' }],
    ['LastEvaluatedKey', { LastEvaluatedKey: { id: 3 } }],
    ['moreResults', { moreResults: true }],
    ['pages.next', { pages: { next: { page: 2 } } }],
    ['_meta.links.next', { _meta: { links: { next: { href: '/people?page=2' } } } }],
    [
      'additional_data.pagination.more_items_in_collection',
      { additional_data: { pagination: { more_items_in_collection: true } } },
    ],
    ['link', { link: [{ relation: 'self' }, { relation: 'next', url: '/people?page=2' }] }],
    ['total_pages', { total_pages: 2 }],
    ['meta.pageCount', { meta: { pageCount: 2 } }],
    ['last_page', { current_page: 1, last_page: 3 }],
  ])('fails the pull, and names %s', async (sign, envelope) => {
    const error = await failureOf(pullAnswers(NONE, [{ ...envelope, data }]));
    expect(error).toMatchObject({ code: 'E_SOURCE_MORE', exit: 3 });
    expect(error.message).toContain(`\`${sign}\``);
  });

  it.each([
    `<https://api.example.org/?page=2>; rel="next"`,
    `</?page=2>; rel=next`,
    `</?page=2>; rel='next'`,
  ])('fails the pull where the Link header is %s', async (link) => {
    const error = await failureOf(pullAnswers(NONE, [{ data }], {}, { link }));
    expect(error).toMatchObject({ code: 'E_SOURCE_MORE', exit: 3 });
  });

  it.each<[string, string, object]>([
    ['d.__next', 'd.results', { d: { results: data, __next: '/people?skip=3' } }],
    ['response.numFound', 'response.docs', { response: { docs: data, numFound: 4 } }],
    ['hits.total', 'hits.hits', { hits: { hits: data, total: { value: 4, relation: 'eq' } } }],
    ['hits.total', 'hits.hits', { hits: { hits: data, total: { value: 3, relation: 'gte' } } }],
    [
      'data.people.pageInfo.hasNextPage',
      'data.people.edges',
      { data: { people: { edges: data, pageInfo: { hasNextPage: true } } } },
    ],
  ])('fails the pull by a field beside the records: %s', async (sign, records, answer) => {
    const error = await failureOf(pullAnswers(NONE, [answer], { records }));
    expect(error).toMatchObject({ code: 'E_SOURCE_MORE', exit: 3 });
    expect(error.message).toContain(`\`${sign}\``);
  });

  it.each<[string, string]>([
    ['x-total-count', '4'],
    ['x-wp-total', '4'],
    ['x-wp-totalpages', '2'],
    ['x-total-pages', '2'],
    ['x-next-page', '2'],
    ['x-ms-continuationtoken', 'x'],
    ['content-range', 'items 0-2/4'],
  ])('fails the pull by the header %s', async (name, value) => {
    const error = await failureOf(pullAnswers(NONE, [{ data }], {}, { [name]: value }));
    expect(error).toMatchObject({ code: 'E_SOURCE_MORE', exit: 3 });
    expect(error.message).toContain(`\`${name}\``);
  });

  it.each<[string, string]>([
    ['x-total-count', '3'],
    ['x-total-pages', '1'],
    ['x-next-page', ''],
    ['content-range', 'items 0-2/*'],
    ['content-range', 'bytes 0-2/400'],
  ])('is not seen in the header %s: %s', async (name, value) => {
    expect((await pullAnswers(NONE, [{ data }], {}, { [name]: value })).receipt.records).toBe(3);
  });

  it.each<[string, PaginationDefinition]>([
    ['page', PAGE],
    ['offset', OFFSET],
  ])('fails a pull by %s that a short page would end', async (_, pagination) => {
    const answers = [{ data }, { data: [], has_more: true }];
    expect(await failureOf(pullAnswers(pagination, answers))).toMatchObject({ code: 'E_SOURCE_MORE' });
  });

  it('is the end where the definition says why', async () => {
    const { receipt } = await pullAnswers(NONE, [{ has_more: true, data }], {
      ignoreMore: 'the flag counts deleted rows',
    });
    expect(receipt.records).toBe(3);
  });

  it.each<[string, object]>([
    ['flags that say that it is the last', { has_more: false, isLast: true, truncated: false }],
    ['empty names of a next page', { next: null, next_cursor: '', paging: { next: null }, _links: {} }],
    ['a count of what came', { total: '3', meta: { total_count: 3 }, hits: { value: 3 } }],
    ['the place of the page', { offset: 0, cursor: '0', page: 1, pages: 1, last_page: 1 }],
    ['counts of something else', { facets: { total: 9, count: 9 }, links: [{ rel: 'self' }] }],
    ['a count of what came', { total: 3, meta: { total_count: 3, total_pages: 1 }, last_page: 1 }],
    ['other fields', { nextUpdate: 'tomorrow', nextel: 'x', moreover: true, lastName: false }],
  ])('is not seen in %s', async (_, envelope) => {
    expect((await pullAnswers(NONE, [{ ...envelope, data }])).receipt.records).toBe(3);
  });
});

describe('a field of the next page that no page has', () => {
  const ten = makeRecords(10);

  it.each<[string, PaginationDefinition]>([
    ['cursor', { ...CURSOR, nextPath: 'meta.nxt' }],
    ['cursor without a size', { ...CURSOR, nextPath: 'next.after', sizeParam: null, size: null }],
    ['link', { ...LINK_IN_BODY, nextPath: 'paging.nxt' }],
  ])('fails a pull by %s', async (_, pagination) => {
    const error = await failureOf(pullAnswers(pagination, [{ meta: {}, data: ten }]));
    expect(error).toMatchObject({ code: 'E_SOURCE_SHAPE', exit: 3 });
    expect(error.message).toContain('nextPath' in pagination ? (pagination.nextPath ?? '') : '');
  });

  it.each<[string, PaginationDefinition, object]>([
    ['is shorter than asked', CURSOR, { data }],
    ['is empty', { ...CURSOR, sizeParam: null, size: null }, { data: [] }],
    ['says that it is the last', LINK_IN_BODY, { is_last: true, data: ten }],
    ['says that there is no more', CURSOR, { has_more: false, data: ten }],
    ['has the field, with null in it', CURSOR, { meta: { next: null }, data: ten }],
  ])('is the end where the page %s', async (_, pagination, answer) => {
    expect((await pullAnswers(pagination, [answer])).receipt.pages).toBe(1);
  });
});

it('a step of a path in quotes may hold dots', async () => {
  const cursor = { ...CURSOR, nextPath: '"@odata.next".token', sizeParam: null, size: null };
  const answers = [
    { '@odata.next': { token: 'x' }, data },
    { '@odata.next': { token: null }, data: makeRecords(2, 3) },
  ];
  expect((await pullAnswers(cursor, answers)).receipt).toMatchObject({ pages: 2, records: 5 });
});

it('a Link header that quotes by apostrophes is followed', async () => {
  let count = 0;
  const { url } = await serve((_asked, response) => {
    if (count++ === 0) response.setHeader('link', `<?page=2>; rel='next'`);
    sendJson(response, { data: makeRecords(2, 2 * count) });
  });
  const { receipt } = await pull(url, makeDataset(LINK, { time: 'by_date' }));
  expect(receipt).toMatchObject({ pages: 2, records: 4 });
});

describe('an answer with status 200 and no records', () => {
  it.each<[string, object]>([
    ['errors', { errors: [{ message: 'x' }] }],
    ['error', { error: 'x' }],
    ['error', { error: { code: 7 } }],
    ['ok', { ok: false }],
    ['success', { success: false }],
    ['Success', { Success: false }],
    ['success', { success: 'false' }],
    ['isError', { isError: true }],
    ['errorCode', { errorCode: 'X1' }],
    ['status', { status: 'error' }],
    ['code', { code: 500 }],
  ])('is an error where it has %s', async (sign, envelope) => {
    const error = await failureOf(pullAnswers(NONE, [{ ...envelope, data: [] }]));
    expect(error).toMatchObject({ code: 'E_SOURCE_ERROR', exit: 3 });
    expect(error.message).toContain(`\`${sign}\``);
  });

  it('is an error where its own fields say so', async () => {
    const problem = pullAnswers(NONE, [{ fault: { text: 'x' }, data: [] }], { errorPath: 'fault.text' });
    expect(await failureOf(problem)).toMatchObject({ code: 'E_SOURCE_ERROR' });
    const state = pullAnswers(NONE, [{ status: { fine: false }, data: [] }], { okPath: 'status.fine' });
    expect(await failureOf(state)).toMatchObject({ code: 'E_SOURCE_ERROR' });
  });

  it.each<[string, object]>([
    ['no errors', { errors: [], error: null, ok: true, success: true }],
    ['an empty error', { error: '', errors: {}, errorCode: '0', isError: false }],
    ['a status of success', { status: 'success', code: 200, statusCode: '0' }],
  ])('is an empty day where it has %s', async (_, envelope) => {
    expect((await pullAnswers(NONE, [{ ...envelope, data: [] }])).receipt.records).toBe(0);
  });
});

describe('an answer with status 200 and a part of the records', () => {
  it.each<[string, object]>([
    ['errors', { errors: [{ message: 'x' }] }],
    ['incomplete_results', { incomplete_results: true }],
    ['timed_out', { timed_out: true }],
    ['_shards.failed', { _shards: { failed: 1 } }],
  ])('is an error where it has %s', async (sign, envelope) => {
    const error = await failureOf(pullAnswers(NONE, [{ ...envelope, data }]));
    expect(error).toMatchObject({ code: 'E_SOURCE_ERROR', exit: 3 });
    expect(error.message).toContain(`\`${sign}\``);
  });

  it('is taken where the definition says why', async () => {
    const request = { ignoreMore: 'errors are warnings' };
    const { receipt } = await pullAnswers(NONE, [{ errors: ['x'], data }], request);
    expect(receipt.records).toBe(3);
  });

  it('is no error where all went well', async () => {
    const envelope = { errors: [], timed_out: false, _shards: { failed: 0 }, incomplete_results: false };
    expect((await pullAnswers(NONE, [{ ...envelope, data }])).receipt.records).toBe(3);
  });
});

describe('a field of the next page', () => {
  it.each([[null], [''], [false], [[]]])('ends the pull where it is %j', async (next) => {
    for (const pagination of [{ ...CURSOR, sizeParam: null, size: null }, LINK_IN_BODY]) {
      expect((await pullAnswers(pagination, [{ meta: { next }, data }])).receipt.pages).toBe(1);
    }
  });
});
