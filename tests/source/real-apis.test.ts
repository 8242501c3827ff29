import { describe, expect, it } from 'vitest';
import { makeProject } from '../ingest/land-project.js';
import type { StubRequest } from '../support/stub-api.js';
import { sendJson, serve } from './harness.js';

interface Person {
  readonly id: number;
}

/** What the source has: seven people, three a page. */
const PEOPLE: readonly Person[] = Array.from({ length: 7 }, (_, index) => ({ id: index + 1 }));
const SIZE = 3;

interface Page {
  readonly people: readonly Person[];
  /** Records before this page. */
  readonly from: number;
  /** Where the next page begins; null on the last. */
  readonly next: number | null;
}

interface Api {
  readonly name: string;
  /** The `request` of a dataset, as the documentation has it. */
  readonly request: string;
  /** Where a request begins. */
  readonly from: (asked: StubRequest) => number;
  readonly answer: (page: Page) => object;
  readonly headers?: (page: Page) => Readonly<Record<string, string>>;
  /** The request of somebody who has not seen that there are pages. */
  readonly first: string;
}

const ask = (name: string) => (asked: StubRequest) => Number(asked.query.get(name) ?? 0);
const link = (next: number | null): string | null => (next === null ? null : `/people?from=${next}`);
const asText = (next: number | null): string | null => (next === null ? null : String(next));

const APIS: readonly Api[] = [
  {
    name: 'Stripe: the id of the last record, and a flag',
    request: `records: data
      pagination: { type: cursor, cursor_param: starting_after, next_path: records.-1.id, more_path: has_more }`,
    first: 'records: data',
    from: ask('starting_after'),
    answer: ({ people, next }) => ({ object: 'list', data: people, has_more: next !== null }),
  },
  {
    name: 'HubSpot: a cursor that the last page does not have',
    request: `records: results
      pagination: { type: cursor, cursor_param: after, next_path: paging.next.after }`,
    first: 'records: results',
    from: ask('after'),
    answer: ({ people, next }) => ({
      results: people,
      ...(next === null ? {} : { paging: { next: { after: String(next) } } }),
    }),
  },
  {
    name: 'Airtable: a cursor that is called offset',
    request: `records: records
      pagination: { type: cursor, cursor_param: offset, next_path: offset }`,
    first: 'records: records',
    from: ({ query }) => Number((query.get('offset') ?? 'itr0').slice(3)),
    answer: ({ people, next }) => ({ records: people, ...(next === null ? {} : { offset: `itr${next}` }) }),
  },
  {
    name: 'Microsoft Graph: an address under a key with a dot',
    request: `records: value
      pagination: { type: link, next_path: '"@odata.nextLink"' }`,
    first: 'records: value',
    from: ask('from'),
    answer: ({ people, next }) => ({
      value: people,
      ...(next === null ? {} : { '@odata.nextLink': link(next) }),
    }),
  },
  {
    name: 'SharePoint, OData 2: an address beside the records',
    request: `records: d.results
      pagination: { type: link, next_path: d.__next }`,
    first: 'records: d.results',
    from: ask('from'),
    answer: ({ people, next }) => ({
      d: { results: people, ...(next === null ? {} : { __next: link(next) }) },
    }),
  },
  {
    name: 'GraphQL: a cursor in the body, and a flag beside the records',
    request: `method: POST
      body: { query: 'query ($after: String) { people(after: $after) { nodes { id } } }', variables: { after: '{cursor}' } }
      records: data.people.nodes
      pagination: { type: cursor, next_path: data.people.pageInfo.endCursor, more_path: data.people.pageInfo.hasNextPage }`,
    first: `method: POST
      body: { query: '{ people { nodes { id } } }' }
      records: data.people.nodes`,
    from: ({ body }) => Number(/"after":"(\d+)"/.exec(body)?.[1] ?? 0),
    answer: ({ people, from, next }) => ({
      data: {
        people: {
          nodes: people,
          pageInfo: { hasNextPage: next !== null, endCursor: String(from + people.length) },
        },
      },
    }),
  },
  {
    name: 'Elasticsearch: a total that is an object',
    request: `method: POST
      body: { sort: [id] }
      records: hits.hits
      pagination: { type: offset, in: body, offset_param: from, size_param: size, size: 5, total_path: hits.total.value }`,
    first: `method: POST
      body: { sort: [id] }
      records: hits.hits`,
    from: ({ body }) => Number(/"from":(\d+)/.exec(body)?.[1] ?? 0),
    answer: ({ people }) => ({
      timed_out: false,
      _shards: { total: 1, failed: 0 },
      hits: { total: { value: PEOPLE.length, relation: 'eq' }, hits: people },
    }),
  },
  {
    name: 'WordPress: counts in headers',
    request: `records: ''
      pagination: { type: offset, offset_param: offset, total_header: X-WP-Total }`,
    first: `records: ''`,
    from: ask('offset'),
    answer: ({ people }) => people,
    headers: () => ({ 'X-WP-Total': '7', 'X-WP-TotalPages': '3' }),
  },
  {
    name: 'Laravel: a number of pages and no more',
    request: `records: data
      pagination: { type: page, page_param: page, pages_path: meta.last_page }`,
    first: 'records: data',
    from: ({ query }) => (Number(query.get('page') ?? 1) - 1) * SIZE,
    answer: ({ people, from }) => ({ data: people, meta: { current_page: 1 + from / SIZE, last_page: 3 } }),
  },
  {
    name: 'Pipedrive: a flag in an object of an object',
    request: `records: data
      pagination: { type: offset, offset_param: start, more_path: additional_data.pagination.more_items_in_collection }`,
    first: 'records: data',
    from: ask('start'),
    answer: ({ people, from, next }) => ({
      success: true,
      data: people,
      additional_data: { pagination: { start: from, more_items_in_collection: next !== null } },
    }),
  },
  {
    name: 'Salesforce: an address of another path, and a total',
    request: `records: records
      pagination: { type: link, next_path: nextRecordsUrl }`,
    first: 'records: records',
    from: ask('from'),
    answer: ({ people, next }) => ({
      totalSize: PEOPLE.length,
      done: next === null,
      records: people,
      ...(next === null ? {} : { nextRecordsUrl: link(next) }),
    }),
  },
  {
    name: 'Google: a token of the next page',
    request: `records: users
      pagination: { type: cursor, cursor_param: pageToken, next_path: nextPageToken }`,
    first: 'records: users',
    from: ask('pageToken'),
    answer: ({ people, next }) => ({ users: people, nextPageToken: asText(next) }),
  },
];

/** Lands what a source has. `spoil` changes an answer. */
async function landFrom(
  api: Api,
  request: string,
  spoil: (answer: object, page: Page) => object = (answer) => answer,
) {
  const server = await serve((asked, response) => {
    const from = api.from(asked);
    const next = from + SIZE < PEOPLE.length ? from + SIZE : null;
    const page = { people: PEOPLE.slice(from, from + SIZE), from, next };
    for (const [name, value] of Object.entries(api.headers?.(page) ?? {})) response.setHeader(name, value);
    sendJson(response, spoil(api.answer(page), page));
  });
  const project = await makeProject({
    'pipelines/shop.yaml': `
pipeline: shop
source: { base_url: ${server.url.origin}, retries: 0 }
datasets:
  people:
    time: snapshot
    request:
      path: /people
      ${request}
    contract:
      schema:
        type: object
        required: [id]
        properties: { id: { type: integer, minimum: 1, maximum: 9, x-pii: none } }
    landing: { id: { from: id, treat: keep } }
    primary_key: [id]
`,
  });
  await project.land({ asOfNow: true });
  return project.lines('2026/03/01/people.parquet');
}

describe.each(APIS)('$name', (api) => {
  it('lands every record', async () => {
    expect(await landFrom(api, api.request)).toEqual(PEOPLE.map((person) => JSON.stringify(person)));
  });

  it('fails where only the first page is asked for', async () => {
    await expect(landFrom(api, api.first)).rejects.toMatchObject({ code: 'E_SOURCE_MORE', exit: 3 });
  });

  it.skipIf(api.headers !== undefined)('fails where a page has errors beside its records', async () => {
    const spoil = (answer: object, { from }: Page): object =>
      from === 0 ? answer : { ...answer, errors: [{ message: 'timeout' }] };
    await expect(landFrom(api, api.request, spoil)).rejects.toMatchObject({
      code: 'E_SOURCE_ERROR',
      exit: 3,
    });
  });

  it('fails where a record comes on two pages, since another is on none', async () => {
    const moved = { ...api, answer: (page: Page) => api.answer({ ...page, people: move(page) }) };
    await expect(landFrom(moved, api.request)).rejects.toMatchObject({ code: 'E_PAGE_DRIFT', exit: 3 });
  });
});

/** The second page begins with the last record of the first. */
function move({ people, from }: Page): readonly Person[] {
  return from === SIZE ? PEOPLE.slice(SIZE - 1, SIZE - 1 + people.length) : people;
}

it('two lists of one response fail where the pull ends before the second one does', async () => {
  const groups = [[1], [2], [3], [4]];
  const server = await serve(({ query }, response) => {
    const page = Number(query.get('page')) - 1;
    const list = (groups[page] ?? []).map((id) => ({ id }));
    sendJson(response, { people: page === 0 ? [{ id: 1 }] : [], groups: list });
  });
  const contract = `contract:
      schema:
        type: object
        required: [id]
        properties: { id: { type: integer, minimum: 1, maximum: 9, x-pii: none } }
    landing: { id: { from: id, treat: keep } }
    primary_key: [id]`;
  const project = await makeProject({
    'pipelines/shop.yaml': `
pipeline: shop
source: { base_url: ${server.url.origin}, retries: 0 }
datasets:
  people:
    time: snapshot
    request: { path: /people, records: people, pagination: { type: page, page_param: page } }
    ${contract}
  groups:
    of: people
    records: groups
    ${contract}
`,
  });
  await expect(project.land({ asOfNow: true })).rejects.toMatchObject({
    code: 'E_SOURCE_MORE',
    message: expect.stringContaining('`groups`') as string,
  });
});
