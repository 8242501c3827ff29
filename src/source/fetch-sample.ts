import type { Effects } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';
import { findLink } from '../base/pagination/link-header.js';
import type { RequestDefinition } from '../base/types/definition.js';
import { exchange } from './exchange.js';
import { createPace } from './pace.js';
import { readWhole } from './project-files.js';
import { readSample, type Sample } from './read-sample.js';
import { planRequests, type RequestPlan } from './request-plan.js';
import { retry, Unauthorized } from './retry.js';

export interface TakenSample {
  readonly sample: Sample;
  /** A Link header names the next page. */
  readonly hasNextLink: boolean;
}

/** The defaults of a definition. */
const MAX_BYTES = 8_000_000;
const TIMEOUT_MS = 30_000;
const MAX_WAIT_MS = 60_000;
const RETRIES = 2;
const ACCEPT = 'application/json, application/x-ndjson;q=0.9, text/csv;q=0.8, */*;q=0.1';

/**
 * Fetches an address once, without query, credentials or pagination, within the limits of a page. A redirected response
 * is rejected, because a draft must name the actual address of the API. Throws E_PLAIN_HTTP and errors of exit 3,
 * which name the origin.
 */
export async function fetchSample(url: URL, effects: Effects): Promise<TakenSample> {
  try {
    const { headers, ask } = planOne(url);
    const asked = ask(new Map());
    const options = {
      effects,
      pace: createPace(null, effects),
      headers,
      signal: effects.signal,
      timeoutMs: TIMEOUT_MS,
      maxWaitMs: MAX_WAIT_MS,
      maxBytes: MAX_BYTES,
      endStatus: [],
      onBusy: () => undefined,
    };
    const { value } = await retry(() => exchange(asked, options).catch(accessFailure), {
      retries: RETRIES,
      maxWaitMs: MAX_WAIT_MS,
      effects,
      signal: effects.signal,
      onRetry: () => undefined,
    });
    if (value.url.href !== asked.url.href) throw failure('E_SOURCE_REDIRECT', { kind: 'a redirect' });
    const hasNextLink = findLink(value.headers['link'] ?? '', 'next') !== null;
    return { sample: readSample(value.bytes), hasNextLink };
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ origin: url.origin }) : error;
  }
}

/** Sources that require authentication are not supported here, because a draft has no credentials yet. */
function accessFailure(error: unknown): never {
  throw error instanceof Unauthorized ? failure('E_DRAFT', LOCKED) : error;
}

const LOCKED = {
  why: 'the source requires authentication (401), and samples are fetched without credentials',
  fix: 'save one answer to a file and give `--from FILE`; then set `headers` or `auth` of the draft from a variable',
};

/** Reads a file as a sample; errors name it `shown`. Throws E_DISK_READ and errors of exit 3. */
export async function readSampleFile(path: string, shown: string): Promise<TakenSample> {
  return { sample: readSample(await readWhole(path, MAX_BYTES, shown)), hasNextLink: false };
}

function planOne(url: URL): RequestPlan {
  const request: RequestDefinition = {
    method: 'GET',
    baseUrl: null,
    path: '',
    query: new Map(),
    pagination: { type: 'none' },
    body: null,
    paramsIn: 'query',
    format: 'json',
    records: '',
    keyed: false,
    keyAs: null,
    columns: null,
    singleAsList: false,
    ignoreMore: null,
    errorPath: null,
    okPath: null,
    onPageDrift: 'fail',
  };
  const source = { allowHttp: false, headers: new Map([['accept', ACCEPT]]) };
  // No date is filled in: nothing here has a placeholder.
  return planRequests(request, source, url, { date: '1970-01-01', slot: null });
}
