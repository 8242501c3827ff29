import { describe, expect, it } from 'vitest';
import { sendJson, serve } from '../source/harness.js';
import { DATE, makeProject } from './land-project.js';

/** A source that answers any request with one record. */
async function makeWindows(request: string, pipeline = '') {
  let failing = false;
  const server = await serve((_asked, response) => {
    if (failing) response.writeHead(404).end();
    else sendJson(response, { rows: [{ id: 1 }] });
  });
  const project = await makeProject({
    'pipelines/shop.yaml': `
pipeline: shop
${pipeline}
source: { base_url: ${server.url.origin}, retries: 0 }
datasets:
  shop_carts:
    time: by_date
    request:
      path: /carts
      records: rows
      ${request}
    contract:
      schema:
        type: object
        required: [id]
        properties: { id: { type: integer, minimum: 0, maximum: 99, x-pii: none } }
    landing: { id: { from: id, treat: keep } }
    primary_key: [id]
`,
  });
  /** Lands a date at an instant, and gives the query that was sent. */
  const landAt = async (date: string, now: string): Promise<string | undefined> => {
    await project.land({ date }, { now: () => new Date(now) });
    return decodeURIComponent(server.asked.at(-1)?.query.toString() ?? '');
  };
  return {
    project,
    server,
    landAt,
    fail: (value: boolean) => {
      failing = value;
    },
  };
}

describe('{last_success}', () => {
  const QUERY = 'query: { since: "{last_success}" }';

  it('is the start of the last run that succeeded', async () => {
    const { landAt } = await makeWindows(QUERY);
    expect(await landAt('2026-03-01', '2026-03-02T03:00:00Z')).toBe('since=1970-01-01T00:00:00.000Z');
    expect(await landAt('2026-03-02', '2026-03-03T03:00:10Z')).toBe('since=2026-03-02T03:00:00.000Z');
    expect(await landAt('2026-03-03', '2026-03-04T03:00:20Z')).toBe('since=2026-03-03T03:00:10.000Z');
  });

  it('is the same when a date is run again', async () => {
    const { landAt } = await makeWindows(QUERY);
    await landAt('2026-03-01', '2026-03-02T03:00:00Z');
    const first = await landAt('2026-03-02', '2026-03-03T03:00:00Z');
    await landAt('2026-03-03', '2026-03-04T03:00:00Z');
    expect(await landAt('2026-03-02', '2026-03-05T03:00:00Z')).toBe(first);
    expect(await landAt('2026-03-01', '2026-03-05T04:00:00Z')).toBe('since=1970-01-01T00:00:00.000Z');
  });

  it('is not moved by a run that fails, or by a dry run', async () => {
    const { project, landAt, fail } = await makeWindows(QUERY);
    await landAt('2026-03-01', '2026-03-02T03:00:00Z');
    fail(true);
    await expect(landAt('2026-03-02', '2026-03-03T03:00:00Z')).rejects.toMatchObject({
      code: 'E_SOURCE_STATUS',
    });
    fail(false);
    await project.land(
      { date: '2026-03-02', limitPages: 1 },
      { now: () => new Date('2026-03-03T04:00:00Z') },
    );
    expect(await landAt('2026-03-02', '2026-03-03T05:00:00Z')).toBe('since=2026-03-02T03:00:00.000Z');
  });

  it('begins earlier by the overlap, and at `initial` before the first run', async () => {
    const { landAt } = await makeWindows(
      'query: { since: "{last_success:epoch}" }\n      overlap: 1h\n      initial: 2020-01-01',
    );
    expect(await landAt('2026-03-01', '2026-03-02T03:00:00Z')).toBe('since=1577836800');
    expect(await landAt('2026-03-02', '2026-03-03T03:00:00Z')).toBe(
      `since=${Date.parse('2026-03-02T02:00:00Z') / 1000}`,
    );
  });

  it.each([
    ['overlap: 1h\n      query: { day: "{date}" }', /`overlap` has no effect/],
    ['query: { day: "{date}" }\n      initial: 2020-01-01', /`initial` has no effect/],
    [`${QUERY}\n      initial: yesterday`, /must be a date or an instant/],
  ])('is required by its settings: %s', async (request, says) => {
    const { project } = await makeWindows(request);
    await expect(project.open()).rejects.toThrow(says);
  });
});

describe('a date in the time zone of the source', () => {
  const QUERY = 'query: { from: "{date:epoch}", to: "{next_date:epoch_ms}" }';

  it.each([
    ['2026-03-28', 24],
    ['2026-03-29', 23],
    ['2026-10-25', 25],
  ])('%s has %i hours in Berlin', async (date, hours) => {
    const { landAt } = await makeWindows(QUERY, 'timezone: Europe/Berlin');
    const query = new URLSearchParams(await landAt(date, '2026-11-20T03:00:00Z'));
    const from = Number(query.get('from')) * 1000;
    expect(new Date(from).toLocaleString('sv', { timeZone: 'Europe/Berlin' })).toBe(`${date} 00:00:00`);
    expect(Number(query.get('to')) - from).toBe(hours * 3_600_000);
  });

  it('may be written with its offset', async () => {
    const { landAt } = await makeWindows(
      `query: { from: "{date:yyyy-MM-dd'T'HH:mm:ssXXX}" }`,
      'timezone: Europe/Berlin',
    );
    expect(await landAt('2026-07-01', '2026-11-20T03:00:00Z')).toBe('from=2026-07-01T00:00:00+02:00');
  });

  it('is UTC by default', async () => {
    const { landAt } = await makeWindows(QUERY);
    const query = new URLSearchParams(await landAt(DATE, '2026-11-20T03:00:00Z'));
    expect(Number(query.get('from'))).toBe(Date.parse(`${DATE}T00:00:00Z`) / 1000);
  });

  it('is no zone that does not exist', async () => {
    const { project } = await makeWindows(QUERY, 'timezone: Europe/Bonn');
    await expect(project.open()).rejects.toThrow(/must be a time zone of the IANA database/);
  });
});
