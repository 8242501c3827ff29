import { describe, expect, it } from 'vitest';
import { findPagination } from '../../src/draft/find-pagination.js';
import { findRecords } from '../../src/draft/find-records.js';

const TWO = [{ id: 1 }, { id: 2 }];

function look(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const found = findRecords(body);
  if (found === null) throw new Error('no records');
  const { path, records } = found;
  return {
    path: path.join('.'),
    keys: findPagination({ body, path, count: records.length, key: 'id', headers }).keys,
  };
}

describe('pages of an answer', () => {
  it.each([
    ['a bare array', TWO, '', { type: 'none' }],
    ['all in one envelope', { data: TWO, total: 2 }, 'data', { type: 'none' }],
    [
      'numbers',
      { page: 1, total: 9, data: TWO },
      'data',
      { type: 'page', page_param: 'page', total_path: 'total' },
    ],
    [
      'numbers from 0 in an envelope of their own, with a number of pages',
      { items: TWO, meta: { pageNumber: 0, totalPages: 5 } },
      'items',
      { type: 'page', page_param: 'pageNumber', start: 0, pages_path: 'meta.totalPages' },
    ],
    [
      'a total of the page itself beside a number of pages',
      { current_page: 1, total: 2, last_page: 3, data: TWO },
      'data',
      { type: 'page', page_param: 'page', pages_path: 'last_page' },
    ],
    [
      'offsets',
      { offset: 0, limit: 2, totalCount: 9, results: TWO },
      'results',
      { type: 'offset', offset_param: 'offset', total_path: 'totalCount' },
    ],
    [
      'a cursor',
      { data: TWO, meta: { next_cursor: 'abc' } },
      'data',
      { type: 'cursor', cursor_param: 'cursor', next_path: 'meta.next_cursor' },
    ],
    [
      'a token of the next page',
      { users: TWO, nextPageToken: 'abc' },
      'users',
      { type: 'cursor', cursor_param: 'pageToken', next_path: 'nextPageToken' },
    ],
    [
      'an address in the body',
      { data: TWO, _links: { next: { href: '/users?page=2' } } },
      'data',
      { type: 'link', next_path: '_links.next.href' },
    ],
    [
      'an address that is null on the last page',
      { data: TWO, links: { next: null } },
      'data',
      { type: 'link', next_path: 'links.next' },
    ],
    [
      'more records than came, and nothing else',
      { data: TWO, count: 7 },
      'data',
      { type: 'page', page_param: 'page', total_path: 'count' },
    ],
    [
      'a cursor in an object of its own',
      { results: TWO, paging: { next: { after: 'abc' } } },
      'results',
      { type: 'cursor', cursor_param: 'after', next_path: 'paging.next.after' },
    ],
    [
      'an address under a key with a dot',
      { value: TWO, '@odata.nextLink': 'https://x.example/users?$skiptoken=1' },
      'value',
      { type: 'link', next_path: '"@odata.nextLink"' },
    ],
    [
      'an address of the next records',
      { records: TWO, done: false, nextRecordsUrl: '/query/01g-2000' },
      'records',
      { type: 'link', next_path: 'nextRecordsUrl' },
    ],
    [
      'a flag and a cursor',
      { data: TWO, has_more: true, next_cursor: 'abc' },
      'data',
      { type: 'cursor', cursor_param: 'cursor', next_path: 'next_cursor', more_path: 'has_more' },
    ],
    [
      'a flag alone, with the last record as the cursor',
      { data: TWO, has_more: true },
      'data',
      { type: 'cursor', cursor_param: 'starting_after', next_path: 'records.-1.id', more_path: 'has_more' },
    ],
    [
      'a start and a total',
      { startAt: 0, maxResults: 2, total: 9, issues: TWO },
      'issues',
      { type: 'offset', offset_param: 'startAt', total_path: 'total' },
    ],
    [
      'pages of Spring',
      { content: TWO, number: 0, size: 2, totalPages: 5, last: false },
      'content',
      { type: 'page', page_param: 'page', start: 0, pages_path: 'totalPages' },
    ],
    [
      'a number of the next page',
      { data: TWO, next_page: 2 },
      'data',
      { type: 'cursor', cursor_param: 'page', next_path: 'next_page' },
    ],
    [
      'offsets with a flag',
      { offset: 0, more: true, users: TWO },
      'users',
      { type: 'offset', offset_param: 'offset', more_path: 'more' },
    ],
  ])('%s', (_, body, path, keys) => {
    expect(look(body)).toEqual({ path, keys });
  });

  it('go by a total in a header', () => {
    const keys = { type: 'page', page_param: 'page', total_header: 'x-total-count' };
    expect(look(TWO, { 'x-total-count': '9' }).keys).toEqual(keys);
  });

  it.each([
    ['a list of links', { data: TWO, meta: { links: [{ rel: 'next' }], next: { rel: 'x' } }, meta2: 1 }],
    ['a place that counts from 1', { Resources: TWO, startIndex: 1, totalResults: 9 }],
  ])('are asked for where they are not known: %s', (_, body) => {
    const found = findPagination({
      body,
      path: [Object.keys(body)[0] ?? ''],
      count: 2,
      key: null,
      headers: {},
    });
    expect(found.question).toMatch(/more records|more \(/);
  });

  it('go by the Link header where there is one', () => {
    expect(look(TWO, { link: '</x?page=2>; rel="next"' }).keys).toEqual({ type: 'link' });
  });
});

describe('the records of an answer', () => {
  it.each([
    ['the longest list of objects', { errors: [{ a: 1 }], data: { users: TWO } }, 'data.users', false],
    ['the outermost of equals', { a: TWO, b: { c: TWO } }, 'a', false],
    ['values under ids', { users: { 4711: { id: 1 }, 4712: { id: 2 } } }, 'users', true],
  ])('are %s', (_, body, path, keyed) => {
    const found = findRecords(body);
    expect(found).toMatchObject({ path: path.split('.'), keyed });
  });

  it.each([{}, [], [1, 2], { data: [] }, { a: 'x' }, null, 'x'].map((body) => [body]))(
    'are not there: %j',
    (body) => {
      expect(findRecords(body)).toBeNull();
    },
  );
});
