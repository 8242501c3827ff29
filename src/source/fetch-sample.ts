import type { Effects } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';
import type { PageRequest } from '../base/pagination/pagination.js';
import type { RequestDefinition, SourceDefinition } from '../base/types/definition.js';
import { createAuthorization } from './authorization.js';
import { decodeBody } from './decode-body.js';
import { decode, exchangeAs } from './fetch-page.js';
import { createPace } from './pace.js';
import { readWhole } from './project-files.js';
import { readSample, type Sample } from './read-sample.js';
import { planRequests } from './request-plan.js';
import type { Moment } from './request-text.js';
import { retry, Unauthorized } from './retry.js';

export interface TakenSample {
  readonly sample: Sample;
  /** Where it came from. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The limit of a sample from a file, and the default of a definition. */
const MAX_BYTES = 8_000_000;
const RETRIES = 2;
const ACCEPT = 'application/json, application/x-ndjson;q=0.9, text/csv;q=0.8, */*;q=0.1';

interface SampleInput {
  readonly source: SourceDefinition;
  readonly request: RequestDefinition;
  readonly baseUrl: URL;
  readonly moment: Moment;
  readonly effects: Effects;
}

/** Fetches one page of a sample, with its parameters in the query or in the body. */
export type FetchSample = (
  page: PageRequest,
  paramsIn: RequestDefinition['paramsIn'],
) => Promise<TakenSample>;

/**
 * Requests pages as a run would: with the headers, the credentials, the query and the body of a definition, within the
 * limits of a page. A redirected response is rejected, because a draft must name the actual address of the API. Throws
 * E_PLAIN_HTTP and errors of exit 3, which name the origin.
 */
export function openSamples({ source, request, baseUrl, moment, effects }: SampleInput): FetchSample {
  const pace = createPace(source.rateLimit, effects);
  const plan = (paramsIn: RequestDefinition['paramsIn']) =>
    planRequests({ ...request, paramsIn }, source, baseUrl, moment);
  const { headers } = plan('query');
  const authorization = createAuthorization(source, effects);
  const hasSecret = [...request.query.values()].flat().some((text) => typeof text !== 'string');
  const hasCredentials = source.auth !== null || source.headers.size > 0 || hasSecret;
  const hasAccept = [...source.headers.keys()].some((name) => name.toLowerCase() === 'accept');
  const options = {
    effects,
    pace,
    headers: hasAccept ? headers : { ...headers, accept: ACCEPT },
    signal: effects.signal,
    timeoutMs: source.timeoutMs,
    maxWaitMs: source.maxWaitMs,
    maxBytes: Math.min(MAX_BYTES, source.maxResponseBytes),
    endStatus: [],
    onBusy: () => undefined,
  };
  return async ({ params, url }, paramsIn) => {
    const planned = plan(paramsIn).ask(params);
    const asked = { ...planned, url: url ?? planned.url };
    const attempt = () =>
      exchangeAs(authorization, asked, options).catch((error: unknown) => {
        throw error instanceof Unauthorized ? failure('E_DRAFT', hasCredentials ? REJECTED : LOCKED) : error;
      });
    try {
      const retries = { ...options, retries: RETRIES, onRetry: () => undefined };
      const { value } = await retry(attempt, retries);
      if (value.url.href !== asked.url.href) throw failure('E_SOURCE_REDIRECT', { kind: 'a redirect' });
      return {
        sample: readSample(await decode(value, request, MAX_BYTES)),
        url: value.url,
        headers: value.headers,
      };
    } catch (error) {
      throw error instanceof LakeveilError ? error.at({ origin: baseUrl.origin }) : error;
    }
  };
}

const LOCKED = {
  why: 'the source requires authentication (401)',
  fix: "add `--header 'Authorization: Bearer ${API_TOKEN}'` or `--auth basic|oauth2`, and set the variables in .env; or save one answer to a file and give `--from FILE`",
};

const REJECTED = {
  why: 'the source rejects the credentials (401)',
  fix: 'check the values of the variables in the environment and in .env, and how the API expects them',
};

/** Reads a file as a sample; errors name it `shown`. Throws E_DISK_READ and errors of exit 3. */
export async function readSampleFile(path: string, shown: string): Promise<TakenSample> {
  const bytes = await readWhole(path, MAX_BYTES, shown);
  const sample = readSample(
    await decodeBody(bytes, { contentType: null, encoding: null, maxBytes: MAX_BYTES }),
  );
  return { sample, url: new URL('file:///'), headers: {} };
}
