import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Effects } from '../../src/base/effects.js';
import { LakeveilError } from '../../src/base/errors.js';
import type { PaginationDefinition } from '../../src/base/pagination/registry.js';
import { PLAIN_CSV } from '../../src/base/types/csv-definition.js';
import type { DatasetDefinition, SourceDefinition } from '../../src/base/types/definition.js';
import type { RawPage } from '../../src/base/types/record.js';
import { createAuthorization } from '../../src/source/authorization.js';
import { createFetch } from '../../src/source/http.js';
import { createPace } from '../../src/source/pace.js';
import type { PullInput, PullReceipt } from '../../src/source/page-pull.js';
import { pullPages } from '../../src/source/pull-pages.js';
import { closeAfterTest } from '../support/after-each.js';
import { startStubApi, type StubRequest } from '../support/stub-api.js';

export const DATE = '2026-03-01';
/** What the requests of a pull are about. */
export const MOMENT = { date: DATE, slot: null, timezone: 'UTC', since: null, parent: null } as const;
/** Stands in bodies, headers, cursors and addresses; no error may ever show it. */
export const CANARY = 'canary-4711@leak.example';

export interface TestServer {
  readonly url: URL;
  readonly asked: readonly StubRequest[];
  readonly mostInFlight: () => number;
  readonly close: () => Promise<void>;
}

/** `count` is the number of requests so far, this one included. */
export type Handler = (asked: StubRequest, response: ServerResponse, count: number) => void | Promise<void>;

/** A stub API that is closed after the test. */
export async function serve(handle: Handler): Promise<TestServer> {
  let count = 0;
  const api = await startStubApi(() => (response, asked) => handle(asked, response, ++count));
  closeAfterTest(api.close);
  return { url: new URL(api.url), asked: api.requests, mostInFlight: api.peakInFlight, close: api.close };
}

/** Sends `body` as JSON with its length, as most servers do. */
export function sendJson(response: ServerResponse, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** `count` different records, the first numbered `from`. */
export function makeRecords(count: number, from = 0): { id: number; email: string }[] {
  return Array.from({ length: count }, (_, i) => ({ id: from + i, email: CANARY }));
}

/** Answers as a source of pagination `seed` does: as many as asked for. */
export function sendAsked(asked: StubRequest, response: ServerResponse): void {
  const seed = Number(asked.query.get('_seed'));
  sendJson(response, { total: 1, data: makeRecords(Number(asked.query.get('_quantity')), seed) });
}

export function seedPagination(total: number, size: number): PaginationDefinition {
  return { type: 'seed', sizeParam: '_quantity', size, seedParam: '_seed', total };
}

export function makeDataset(
  pagination: PaginationDefinition,
  more: {
    time?: DatasetDefinition['time'];
    request?: Partial<DatasetDefinition['request']>;
    contract?: DatasetDefinition['contract'];
  } = {},
): DatasetDefinition {
  return {
    name: 'persons',
    time: more.time ?? 'seeded',
    ...{ slot: null, of: null, forEach: null, explode: null, place: null },
    request: {
      method: 'GET',
      baseUrl: null,
      path: '/v1/{date}/people',
      query: new Map(),
      ...{ body: null, paramsIn: 'query' },
      format: 'json',
      encoding: null,
      archive: null,
      csv: PLAIN_CSV,
      records: 'data',
      keyed: false,
      keyAs: null,
      columns: null,
      singleAsList: false,
      ignoreMore: null,
      errorPath: null,
      okPath: null,
      onPageDrift: 'fail',
      bodyFormat: 'json',
      since: null,
      pagination,
      ...more.request,
    },
    contract: more.contract ?? {
      onUnknownField: 'discard_value',
      maxRejected: 0,
      schema: { type: 'object', properties: { id: { type: 'integer' }, email: { type: 'string' } } },
      ...{ leaves: new Map(), elsewhere: new Set(), expected: new Set() },
    },
    rawZone: 'restricted',
    landing: [],
    drop: [],
    primaryKey: [],
    onDuplicate: 'keep_last',
    maxDrop: 0.5,
    prove: 'on',
    maxWithheld: 0.01,
    freshnessMs: null,
    retentionDays: null,
    checks: [],
  };
}

export function makeSource(more: Partial<SourceDefinition> = {}): SourceDefinition {
  return {
    baseUrl: 'embedded',
    allowHttp: false,
    concurrency: 4,
    retries: 2,
    timeoutMs: 5_000,
    maxWaitMs: 300_000,
    rateLimit: null,
    ...{ headers: new Map(), auth: null },
    maxResponseBytes: 1_000_000,
    maxPages: 1_000,
    maxRecords: 1_000_000,
    ...more,
  };
}

/** Real fetch and clock, no random part, and sleeps that are noted instead of slept. */
export function makeEffects(more: Partial<Effects> = {}): Effects & { readonly slept: number[] } {
  const slept: number[] = [];
  const ignore = (): void => undefined;
  return {
    now: () => new Date(),
    random: () => 0.5,
    sleep: (ms, signal) => {
      slept.push(ms);
      return signal.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve();
    },
    fetch: createFetch({ connections: 16 }),
    log: { info: ignore, warn: ignore, debug: ignore, reported: ignore, setRun: ignore },
    progress: { start: ignore, advance: ignore, stop: ignore },
    signal: new AbortController().signal,
    slept,
    ...more,
  };
}

/** Sleeps by the clock. */
export const sleepForReal: Effects['sleep'] = async (ms, signal) => {
  await delay(ms, undefined, { signal });
};

export interface PullOptions extends Partial<Omit<PullInput, 'source' | 'datasets'>> {
  readonly source?: Partial<SourceDefinition>;
}

export interface Pulled {
  readonly receipt: PullReceipt;
  /** Sorted by index. */
  readonly pages: readonly RawPage[];
}

/** Pulls from `baseUrl` and gathers the pages. */
export async function pull(
  baseUrl: URL,
  dataset: DatasetDefinition,
  options: PullOptions = {},
): Promise<Pulled> {
  const effects = options.effects ?? makeEffects();
  const source = makeSource(options.source);
  const pages: RawPage[] = [];
  const each = (page: RawPage): Promise<void> => {
    pages.push(page);
    return Promise.resolve();
  };
  const pace = createPace(source.rateLimit, effects);
  const base = {
    datasets: [dataset] as const,
    baseUrl,
    ...MOMENT,
    seed: DATE,
    effects,
    ...{ pace, authorization: createAuthorization(source, effects) },
    limitPages: null,
    each,
  };
  const receipt = await pullPages({ ...base, ...options, source });
  return { receipt, pages: pages.sort((a, b) => a.index - b.index) };
}

/** The error of the catalogue that `work` ends with. */
export async function failureOf(work: Promise<unknown>): Promise<LakeveilError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof LakeveilError) return error;
  throw new Error('expected an error of the catalogue', { cause: error });
}
