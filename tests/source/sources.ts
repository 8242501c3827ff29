import { completePagination, type PaginationDefinition } from '../../src/base/pagination/registry.js';
import type { StubRequest } from '../support/stub-api.js';
import { makeDataset, makeRecords, pull, type PullOptions, sendJson, serve } from './harness.js';

export const PAGE = completePagination({
  type: 'page',
  in: 'query',
  page_param: 'page',
  start: 1,
  size_param: 'per',
  size: 10,
  end_status: [],
});
export const TOTAL = { ...PAGE, total: { in: 'body', name: 'meta.total' } } as const;
export const PAGES = { ...PAGE, pages: { in: 'body', name: 'meta.pages' } } as const;
export const CURSOR = completePagination({
  type: 'cursor',
  in: 'query',
  cursor_param: 'after',
  next_path: 'meta.next',
  size_param: 'per',
  size: 10,
});
export const OFFSET = completePagination({
  type: 'offset',
  in: 'query',
  offset_param: 'skip',
  start: 0,
  size_param: 'per',
  size: 10,
  end_status: [],
});
export const OFFSET_TOTAL = { ...OFFSET, total: { in: 'body', name: 'meta.total' } } as const;
export const LINK = completePagination({ type: 'link' });
export const LINK_IN_BODY = completePagination({ type: 'link', next_path: 'meta.next' });

/** A true source of `total` numbered records, `most` a page however many are asked. */
export function book(total: number, most = 10) {
  return ({ query }: StubRequest): unknown => {
    const size = Math.min(most, Number(query.get('per') ?? most));
    const from = (Number(query.get('page')) - 1) * size;
    const data = makeRecords(Math.max(0, Math.min(size, total - from)), from);
    return { meta: { total, pages: Math.ceil(total / size) }, data };
  };
}

/** A true source of `total` numbered records by offset, `most` a page however many are asked. */
export function shelf(total: number, most = 10) {
  return ({ query }: StubRequest): unknown => {
    const from = Number(query.get('skip'));
    const size = Math.min(most, Number(query.get('per') ?? most), Math.max(0, total - from));
    return { meta: { total }, data: makeRecords(size, from) };
  };
}

/** A true source whose answers name the next page in their body, relative to themselves. */
export function chain(total: number) {
  return (asked: StubRequest): unknown => {
    const from = Number(asked.query.get('from') ?? 0);
    const next = from + 10 < total ? `?from=${from + 10}` : null;
    return { meta: { next }, data: makeRecords(Math.min(10, total - from), from) };
  };
}

/** A true source that walks by cursor. */
export function walk(total: number) {
  return ({ query }: StubRequest): unknown => {
    const from = Number(query.get('after') ?? 0);
    const data = makeRecords(Math.min(10, total - from), from);
    return { meta: { next: from + 10 < total ? String(from + 10) : null }, data };
  };
}

/** Pulls from a server that answers with the body that `body` makes. */
export async function pullFrom(
  pagination: PaginationDefinition,
  body: (asked: StubRequest, count: number) => unknown,
  options: PullOptions & { time?: 'by_date' } = {},
) {
  const server = await serve((asked, response, count) => {
    sendJson(response, body(asked, count));
  });
  const dataset = makeDataset(pagination, options.time === undefined ? {} : { time: options.time });
  return { server, work: pull(server.url, dataset, options) };
}
