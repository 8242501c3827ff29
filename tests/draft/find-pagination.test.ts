import { describe, expect, it } from 'vitest';
import { findPagination } from '../../src/draft/find-pagination.js';
import { findRecords } from '../../src/draft/find-records.js';

const TWO = [{ id: 1 }, { id: 2 }];

function look(body: unknown, hasNextLink = false) {
  const found = findRecords(body);
  if (found === null) throw new Error('no records');
  const { path, records } = found;
  return {
    path: path.join('.'),
    keys: findPagination({ body, path, count: records.length, hasNextLink }).keys,
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
  ])('%s', (_, body, path, keys) => {
    expect(look(body)).toEqual({ path, keys });
  });

  it('go by the Link header where there is one', () => {
    expect(look(TWO, true).keys).toEqual({ type: 'link' });
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
