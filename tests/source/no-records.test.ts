import { describe, expect, it } from 'vitest';
import type { DatasetDefinition } from '../../src/base/types/definition.js';
import { status } from '../support/stub-api.js';
import { failureOf, makeDataset, makeRecords, pull, sendJson, serve } from './harness.js';
import { OFFSET_TOTAL, PAGE, PAGES, TOTAL } from './sources.js';

async function pullBody(body: unknown, request: Partial<DatasetDefinition['request']> = {}) {
  const { url } = await serve((_asked, response) => {
    sendJson(response, JSON.stringify(body));
  });
  return pull(url, makeDataset({ type: 'none' }, { time: 'by_date', request }));
}

describe('an answer without records', () => {
  it.each<[string, object, Partial<DatasetDefinition['request']>]>([
    ['null', { data: null }, {}],
    ['false', { data: false }, {}],
    ['an empty list', { data: [] }, {}],
    ['an empty list for an object', { data: [] }, { keyed: true }],
    ['null for an object', { data: null }, { keyed: true }],
    ['no field, and nothing else', {}, {}],
    ['no field, and a total of 0', { total: 0, message: 'nothing found' }, {}],
    ['no field, beside what is said of pages', { page: 1, meta: { total: 0 }, links: { next: null } }, {}],
  ])('is an empty day: %s', async (_, body, request) => {
    expect((await pullBody(body, request)).receipt).toMatchObject({ pages: 1, records: 0 });
  });

  it.each<[string, unknown, Partial<DatasetDefinition['request']>]>([
    ['another list', { items: [{ id: 1 }] }, {}],
    ['another object', { items: { a: { id: 1 } } }, { keyed: true }],
    ['a message', { message: 'the quota is used up' }, {}],
    ['a number', { data: 7 }, {}],
    ['true', { data: true }, {}],
    ['a text', { data: 'x' }, {}],
    ['an object for a list', { data: { id: 1 } }, {}],
    ['no field, and a total above 0', { total: 3 }, {}],
  ])('is an error where there is %s', async (_, body, request) => {
    expect(await failureOf(pullBody(body, request))).toMatchObject({ code: 'E_SOURCE_SHAPE', exit: 3 });
  });

  it('is an error where it declares more', async () => {
    expect(await failureOf(pullBody({ data: null, total: 3 }))).toMatchObject({ code: 'E_SOURCE_MORE' });
  });

  it.each([
    ['a page', PAGE],
    ['a total', TOTAL],
    ['a number of pages', PAGES],
    ['a total, by offset', OFFSET_TOTAL],
  ])('needs no count: %s', async (_, pagination) => {
    const { url } = await serve((_asked, response) => {
      sendJson(response, { data: null });
    });
    const { receipt } = await pull(url, makeDataset(pagination, { time: 'by_date' }));
    expect(receipt.records).toBe(0);
  });

  it('may have status 204', async () => {
    const { url } = await serve((asked, response) => status(204)(response, asked));
    for (const format of ['json', 'csv', 'ndjson'] as const) {
      const dataset = makeDataset({ type: 'none' }, { time: 'by_date', request: { format } });
      expect((await pull(url, dataset)).receipt.records).toBe(0);
    }
  });
});

describe('an empty body', () => {
  it('is asked for again', async () => {
    const { url } = await serve((_asked, response, count) => {
      sendJson(response, count < 3 ? '' : { data: makeRecords(2) });
    });
    const { receipt } = await pull(url, makeDataset({ type: 'none' }, { time: 'by_date' }));
    expect(receipt).toMatchObject({ records: 2, retries: 2 });
  });

  it('is an error in the end, which says its status and length', async () => {
    const { url } = await serve((_asked, response) => {
      sendJson(response, '');
    });
    const error = await failureOf(pull(url, makeDataset({ type: 'none' }, { time: 'by_date' })));
    expect(error).toMatchObject({ code: 'E_SOURCE_BODY', exit: 3, where: { tries: 3 } });
    expect(error.message).toContain('status 200, length 0');
  });
});

describe('one object for a list of one', () => {
  it('is a record where the definition says so', async () => {
    const { pages } = await pullBody({ data: { id: 1 } }, { singleAsList: true });
    expect(pages[0]?.records).toEqual([{ id: 1 }]);
  });

  it('leaves a list as it is', async () => {
    const { pages } = await pullBody({ data: [{ id: 1 }, { id: 2 }] }, { singleAsList: true });
    expect(pages[0]?.records).toHaveLength(2);
  });
});
