import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.js';
import type { PaginationDefinition } from '../../src/base/pagination/registry.js';
import type { StubRequest } from '../support/stub-api.js';
import { CANARY, failureOf, makeRecords, type PullOptions } from './harness.js';
import {
  book,
  CURSOR,
  LINK_IN_BODY,
  OFFSET,
  OFFSET_TOTAL,
  PAGE,
  PAGES,
  pullFrom,
  shelf,
  TOTAL,
  walk,
} from './sources.js';

describe('a source that breaks its promise', () => {
  const same = { meta: { total: 50, next: CANARY }, data: makeRecords(10) };
  const BROKEN: readonly {
    name: string;
    pagination: PaginationDefinition;
    body: (asked: StubRequest, count: number) => unknown;
    code: ErrorCode;
    source?: PullOptions['source'];
  }[] = [
    {
      name: 'fewer records than its total',
      pagination: TOTAL,
      body: (asked, count) => (count === 3 ? { data: [] } : book(45)(asked)),
      code: 'E_SHORT_PULL',
    },
    {
      name: 'a total and no records',
      pagination: TOTAL,
      body: () => ({ meta: { total: 45 }, data: [] }),
      code: 'E_SHORT_PULL',
    },
    {
      name: 'a short page among its pages',
      pagination: PAGES,
      body: (asked) => (asked.query.get('page') === '3' ? { data: makeRecords(9, 20) } : book(45)(asked)),
      code: 'E_SHORT_PULL',
    },
    {
      name: 'an empty last page',
      pagination: PAGES,
      body: (asked) => (asked.query.get('page') === '5' ? { data: [] } : book(45)(asked)),
      code: 'E_SHORT_PULL',
    },
    {
      name: 'fewer records than its total, by offset',
      pagination: OFFSET_TOTAL,
      body: (asked, count) => (count === 3 ? { data: [] } : shelf(45)(asked)),
      code: 'E_SHORT_PULL',
    },
    {
      name: 'more records than its total',
      pagination: TOTAL,
      body: (asked) => ({ data: makeRecords(10, Number(asked.query.get('page')) * 10), meta: { total: 45 } }),
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'more records than its total, by offset',
      pagination: OFFSET_TOTAL,
      body: (asked) => ({ data: makeRecords(10, Number(asked.query.get('skip'))), meta: { total: 45 } }),
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'pages that overlap, by offset, and add up to its total',
      pagination: OFFSET_TOTAL,
      body: ({ query }) => {
        const from = Number(query.get('skip'));
        const length = [2, 5, 3][from / 2] ?? 0;
        return { meta: { total: 10 }, data: makeRecords(length, from) };
      },
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'no total, by offset',
      pagination: OFFSET_TOTAL,
      body: () => ({ data: [] }),
      code: 'E_SHORT_PULL',
    },
    { name: 'an offset that it passes over', pagination: OFFSET, body: () => same, code: 'E_SOURCE_ENDLESS' },
    {
      name: 'the same next link again',
      pagination: LINK_IN_BODY,
      body: (_, count) => ({ meta: { next: `?q=${CANARY}#${count}` }, data: makeRecords(10, count * 10) }),
      code: 'E_SOURCE_ENDLESS',
    },
    {
      name: 'the same page under new links',
      pagination: LINK_IN_BODY,
      body: (_, count) => ({ ...same, meta: { next: `?q=${count}` } }),
      code: 'E_SOURCE_ENDLESS',
    },
    {
      name: 'a next link that is an object',
      pagination: LINK_IN_BODY,
      body: () => ({ meta: { next: { [CANARY]: 1 } }, data: makeRecords(10) }),
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'a next link to another host',
      pagination: LINK_IN_BODY,
      body: () => ({ meta: { next: `https://other.example/${CANARY}` }, data: makeRecords(10) }),
      code: 'E_SOURCE_REDIRECT',
    },
    {
      name: 'a next link to a host without a protocol',
      pagination: LINK_IN_BODY,
      body: () => ({ meta: { next: `//other.example/${CANARY}` }, data: makeRecords(10) }),
      code: 'E_SOURCE_REDIRECT',
    },
    {
      name: 'a next link to a file',
      pagination: LINK_IN_BODY,
      body: () => ({ meta: { next: 'file:///etc/passwd' }, data: makeRecords(10) }),
      code: 'E_SOURCE_REDIRECT',
    },
    {
      name: 'a next link beyond measure',
      pagination: LINK_IN_BODY,
      body: () => ({ meta: { next: `?q=${CANARY.repeat(999)}` }, data: makeRecords(10) }),
      code: 'E_SOURCE_SHAPE',
    },
    { name: 'no total', pagination: TOTAL, body: () => ({ data: makeRecords(10) }), code: 'E_SOURCE_SHAPE' },
    {
      name: 'a total that is text',
      pagination: TOTAL,
      body: () => ({ meta: { total: CANARY }, data: [] }),
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'a total below its first page',
      pagination: TOTAL,
      body: () => ({ meta: { total: 3 }, data: makeRecords(10) }),
      code: 'E_SOURCE_SHAPE',
    },
    { name: 'the same page again', pagination: PAGE, body: () => same, code: 'E_SOURCE_ENDLESS' },
    {
      name: 'the same page in another envelope',
      pagination: PAGE,
      body: (_, count) => ({ ...same, took: count }),
      code: 'E_SOURCE_ENDLESS',
    },
    { name: 'the same page under a total', pagination: TOTAL, body: () => same, code: 'E_SOURCE_ENDLESS' },
    {
      name: 'the same cursor again',
      pagination: CURSOR,
      body: (_, count) => ({ meta: { next: CANARY }, data: makeRecords(10, count * 10) }),
      code: 'E_SOURCE_ENDLESS',
    },
    {
      name: 'the same page under new cursors',
      pagination: CURSOR,
      body: (_, count) => ({ ...same, meta: { next: count } }),
      code: 'E_SOURCE_ENDLESS',
    },
    {
      name: 'a cursor that is an object',
      pagination: CURSOR,
      body: () => ({ meta: { next: { [CANARY]: 1 } }, data: makeRecords(10) }),
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'a cursor with more digits than a number keeps',
      pagination: CURSOR,
      body: (_, count) =>
        count === 1 ? { meta: { next: 2 ** 53 }, data: makeRecords(10) } : { meta: {}, data: [] },
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'a cursor that is a fraction',
      pagination: CURSOR,
      body: (_, count) =>
        count === 1 ? { meta: { next: 0.5 }, data: makeRecords(10) } : { meta: {}, data: [] },
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'a cursor beyond measure',
      pagination: CURSOR,
      body: () => ({ meta: { next: CANARY.repeat(999) }, data: [] }),
      code: 'E_SOURCE_SHAPE',
    },
    {
      name: 'pages without end',
      pagination: PAGE,
      body: book(10_000),
      code: 'E_SOURCE_CAP',
      source: { maxPages: 4 },
    },
    {
      name: 'cursors without end',
      pagination: CURSOR,
      body: walk(10_000),
      code: 'E_SOURCE_CAP',
      source: { maxPages: 4 },
    },
    {
      name: 'records without end',
      pagination: CURSOR,
      body: walk(10_000),
      code: 'E_SOURCE_CAP',
      source: { maxRecords: 39 },
    },
    {
      name: 'a total beyond the cap',
      pagination: TOTAL,
      body: book(10_000),
      code: 'E_SOURCE_CAP',
      source: { maxRecords: 9_999 },
    },
    {
      name: 'more in one answer than the cap',
      pagination: { type: 'none' },
      body: () => same,
      code: 'E_SOURCE_CAP',
      source: { maxRecords: 9 },
    },
  ];

  it.each(BROKEN)('$name: $code', async ({ pagination, body, code, source }) => {
    const { work } = await pullFrom(pagination, body, { source: source ?? {} });
    const error = await failureOf(work);
    expect(error).toMatchObject({ code, exit: 3, where: { dataset: 'persons', path: '/v1/{date}/people' } });
    expect(`${inspect(error, { depth: 9 })}${JSON.stringify(error)}`).not.toContain(CANARY);
  });

  it('a total beyond the cap is noticed after the first answer', async () => {
    const { server, work } = await pullFrom(TOTAL, book(10_000), { source: { maxPages: 50 } });
    await failureOf(work);
    expect(server.asked).toHaveLength(1);
  });
});
