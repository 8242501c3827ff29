import { describe, expect, it } from 'vitest';
import { formatIngest } from '../../src/actions/run/run-summary.js';
import { sendJson, serve } from '../source/harness.js';
import { DATE, makeProject } from './land-project.js';

interface Row {
  readonly id: number;
  readonly city: string;
  /** Dropped before it lands. */
  readonly seen?: number;
}

/** A source whose pages are these, of two records each; each pull sees the next list of pages, the last one for ever. */
async function landPages(pulls: readonly (readonly (readonly Row[])[])[], request = '', dataset = '') {
  let pull = -1;
  const { url } = await serve(({ query }, response) => {
    const page = Number(query.get('page') ?? query.get('after') ?? 0);
    if (page === 0) pull++;
    const pages = pulls[Math.min(pull, pulls.length - 1)] ?? [];
    sendJson(response, {
      ...(query.has('after') || !query.has('page') ? {} : { total: pages.flat().length }),
      next: page + 1 < pages.length ? page + 1 : null,
      rows: pages[page] ?? [],
    });
  });
  return makeProject({
    'pipelines/shop.yaml': `
pipeline: shop
source: { base_url: ${url.origin}, retries: 0 }
datasets:
  shop_carts:
    time: by_date
    request:
      path: '/carts/{date}'
      records: rows
      ${request.includes('pagination') ? '' : CURSOR}
      ${request}
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 0, maximum: 99, x-pii: none }
          city: { type: string, maxLength: 20, pattern: '^[a-z]{1,9}$', x-pii: none }
          seen: { type: integer, x-pii: none }
    landing:
      id: { from: id, treat: keep }
      city: { from: city, treat: keep }
    drop: [seen]
    primary_key: [id]
    ${dataset}
`,
  });
}

const CURSOR = 'pagination: { type: cursor, cursor_param: after, next_path: next }';
const PAGED = `on_page_drift: warn
      pagination: { type: page, page_param: page, start: 0, total_path: total }`;

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((city, id) => ({ id, city })) as [Row, Row, Row, Row];
/** Record `b` comes twice, since a record before it was removed: `c` is missing. */
const MOVED = [
  [a, b],
  [b, d],
];
const STILL = [
  [a, b],
  [c, d],
];
const FILE = `${DATE.replaceAll('-', '/')}/shop_carts.parquet`;

describe('a record that comes on two pages', () => {
  it('fails the run, and names the pages', async () => {
    const project = await landPages([MOVED]);
    const error: unknown = await project.land().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'E_PAGE_DRIFT',
      exit: 3,
      message: '1 record came on pages 1 and 2: as many may be missing',
      where: { dataset: 'shop_carts' },
    });
  });

  it('fails the run where duplicates fail it too, as the source is at fault', async () => {
    const project = await landPages([MOVED], '', 'on_duplicate: fail');
    await expect(project.land()).rejects.toMatchObject({ code: 'E_PAGE_DRIFT', exit: 3 });
  });

  it('has a line of its own where the definition says warn', async () => {
    const project = await landPages([MOVED], 'on_page_drift: warn');
    const result = await project.land();
    expect(result.datasets[0]).toMatchObject({
      landed: 3,
      duplicates: 1,
      page_drift: { count: 1, pages: [1, 2] },
    });
    expect(formatIngest(result, { color: false, interactive: false, width: 120 })).toContain(
      '1 record came on pages 1 and 2: as many may be missing',
    );
  });

  it('fails the run all the same where the source declares more records than came', async () => {
    const project = await landPages([MOVED], PAGED);
    await expect(project.land()).rejects.toMatchObject({ code: 'E_PAGE_DRIFT', exit: 3 });
  });

  it('makes the run pull again where the definition says refetch', async () => {
    const project = await landPages([MOVED, MOVED, STILL], 'on_page_drift: refetch');
    expect((await project.land()).datasets[0]).toMatchObject({ fetched: 4, landed: 4, page_drift: null });
    expect(await project.rows(FILE)).toHaveLength(4);
  });

  it('fails the run after three pulls', async () => {
    const project = await landPages([MOVED], 'on_page_drift: refetch');
    await expect(project.land()).rejects.toMatchObject({ code: 'E_PAGE_DRIFT' });
  });
});

describe('is no drift:', () => {
  it.each<[string, readonly (readonly Row[])[]]>([
    [
      'the same key with other content',
      [
        [a, b],
        [{ ...b, city: 'x' }, c],
      ],
    ],
    [
      'the same key with other content in a field that does not land',
      [[{ ...b, seen: 1 }], [{ ...b, seen: 2 }]],
    ],
    [
      'the same record twice on one page',
      [
        [a, a],
        [b, c],
      ],
    ],
  ])('%s', async (_, pages) => {
    const project = await landPages([pages]);
    expect((await project.land()).datasets[0]).toMatchObject({ duplicates: 1, page_drift: null });
  });
});
