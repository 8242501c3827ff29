import { describe, expect, it } from 'vitest';
import type { PaginationDefinition } from '../../src/base/pagination/registry.js';
import type { RequestDefinition } from '../../src/base/types/definition.js';
import { Secret } from '../../src/definition/read/request-texts.js';
import { json, redirect, status } from '../support/stub-api.js';
import { DATE, failureOf, makeDataset, makeRecords, pull, serve } from './harness.js';
import { PAGE } from './sources.js';

const NONE: PaginationDefinition = { type: 'none' };
const PAGES: PaginationDefinition = {
  ...PAGE,
  ...{ pageParam: 'page.number', sizeParam: 'page.size', total: { in: 'body', name: 'total' } },
};

function post(pagination: PaginationDefinition, more: Partial<RequestDefinition> = {}) {
  return makeDataset(pagination, {
    time: 'by_date',
    request: { method: 'POST', body: new Map([['since', '{date}']]), paramsIn: 'body', ...more },
  });
}

describe('a POST', () => {
  it('sends its body as JSON, with the date and what a variable holds filled in', async () => {
    const server = await serve((asked, response) => json({ data: makeRecords(2) })(response, asked));
    const filter = new Map([['team', new Secret(['TEAM'], 'north {date}')]]);
    const body: RequestDefinition['body'] = new Map([
      ['since', '{date}'],
      ['days', ['{next_date}', 7, true, null]],
      ['filter', filter],
      ['__proto__', 'a name'],
    ] as [string, never][]);
    await pull(server.url, post(NONE, { body }));
    const [asked] = server.asked;
    expect(asked?.method).toBe('POST');
    expect(asked?.headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' });
    expect(asked?.body).toBe(
      `{"since":"${DATE}","days":["2026-03-02",7,true,null],"filter":{"team":"north ${DATE}"},"__proto__":"a name"}`,
    );
  });

  it('asks for its pages in the body', async () => {
    const server = await serve((asked, response) => {
      const { page } = JSON.parse(asked.body) as { page: { number: number; size: number } };
      return json({ total: 25, data: makeRecords(page.number < 3 ? 10 : 5, page.number * 100) })(
        response,
        asked,
      );
    });
    const { pages } = await pull(server.url, post(PAGES));
    expect(pages.map(({ records }) => records.length)).toEqual([10, 10, 5]);
    expect(server.asked.map(({ body }) => body).sort()).toEqual(
      [1, 2, 3].map((number) => `{"since":"${DATE}","page":{"number":${number},"size":10}}`),
    );
    expect(server.asked.map(({ query }) => query.size)).toEqual([0, 0, 0]);
  });

  it('is sent again after a fault', async () => {
    const server = await serve((asked, response, count) =>
      count === 1 ? status(503)(response, asked) : json({ data: makeRecords(2) })(response, asked),
    );
    const { pages } = await pull(server.url, post(NONE));
    expect(pages[0]?.records).toHaveLength(2);
    expect(server.asked.map(({ method, body }) => [method, body])).toEqual([
      ['POST', `{"since":"${DATE}"}`],
      ['POST', `{"since":"${DATE}"}`],
    ]);
  });

  it('follows a redirect that sends the body again', async () => {
    const server = await serve((asked, response) =>
      asked.path === '/other'
        ? json({ data: makeRecords(2) })(response, asked)
        : redirect('/other', 308)(response, asked),
    );
    await pull(server.url, post(NONE));
    expect(server.asked.map(({ method, body }) => [method, body])).toHaveLength(2);
    expect(server.asked[1]).toMatchObject({ method: 'POST', body: `{"since":"${DATE}"}` });
  });

  it.each([301, 302, 303])('does not become a GET by a redirect %i', async (code) => {
    const server = await serve((asked, response) => redirect('/other', code)(response, asked));
    const error = await failureOf(pull(server.url, post(NONE)));
    expect(error).toMatchObject({ code: 'E_SOURCE_REDIRECT', exit: 3 });
    expect(server.asked).toHaveLength(1);
  });
});
