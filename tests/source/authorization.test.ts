import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { AuthDefinition, SourceDefinition } from '../../src/base/types/definition.js';
import { Secret } from '../../src/definition/read/request-texts.js';
import { createAuthorization } from '../../src/source/authorization.js';
import {
  type Answer,
  bytes,
  hangUpMidBody,
  json,
  redirect,
  reset,
  slowHeaders,
  status,
  type StubRequest,
} from '../support/stub-api.js';
import {
  failureOf,
  makeDataset,
  makeEffects,
  makeRecords,
  makeSource,
  pull,
  seedPagination,
  serve,
  type TestServer,
} from './harness.js';

const SECRET = 'canary:secret/4711+é';
const TOKEN = 'canary-token-1';
const DATASET = makeDataset(seedPagination(40, 10));

const BASIC: AuthDefinition = {
  type: 'basic',
  username: 'lake',
  password: new Secret(['API_PASSWORD'], SECRET),
};

function oauth(tokenUrl: string, scope: string | null = null): Extract<AuthDefinition, { type: 'oauth2' }> {
  const clientSecret = new Secret(['API_SECRET'], SECRET);
  const params = new Map(scope === null ? [] : [['scope', scope]]);
  return { type: 'oauth2', tokenUrl, clientId: 'client id', clientSecret, credentials: 'header', params };
}

/** A source that wants `Bearer <token>` of its own token endpoint. */
interface Source extends TestServer {
  readonly auth: AuthDefinition;
  readonly tokensAsked: () => readonly StubRequest[];
  readonly pagesAsked: () => readonly StubRequest[];
}

interface Making {
  /** The answer to the n-th time that a token is asked for, from 1 on. */
  readonly give: (count: number) => Answer;
  readonly takes?: (authorization: string | undefined) => boolean;
}

async function serveTokens({ give, takes = (text) => text === `Bearer ${TOKEN}` }: Making): Promise<Source> {
  let count = 0;
  const server = await serve((asked, response) => {
    if (asked.path === '/token') return give(++count)(response, asked);
    if (!takes(asked.headers.authorization)) return status(401)(response, asked);
    return json({ data: makeRecords(Number(asked.query.get('_quantity'))) })(response, asked);
  });
  const asked = (isToken: boolean) => () =>
    server.asked.filter(({ path }) => (path === '/token') === isToken);
  const auth = oauth(new URL('/token', server.url).href);
  return { ...server, auth, tokensAsked: asked(true), pagesAsked: asked(false) };
}

function token(text: string, more: object = {}): Answer {
  return json({ access_token: text, token_type: 'Bearer', ...more });
}

function pullAs(server: TestServer, auth: AuthDefinition, more: Partial<SourceDefinition> = {}) {
  return pull(server.url, DATASET, { source: { auth, ...more } });
}

describe('basic authentication', () => {
  it('sends user and password with every request', async () => {
    const server = await serve((asked, response) => json({ data: makeRecords(10) })(response, asked));
    const { pages } = await pullAs(server, BASIC);
    expect(pages).toHaveLength(4);
    const sent = `Basic ${Buffer.from(`lake:${SECRET}`).toString('base64')}`;
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([sent, sent, sent, sent]);
  });

  it('takes a refusal for an answer, and asks once', async () => {
    const server = await serve((asked, response) => status(401)(response, asked));
    const error = await failureOf(pullAs(server, BASIC, { concurrency: 1 }));
    expect(error).toMatchObject({ code: 'E_SOURCE_STATUS', exit: 3 });
    expect(server.asked).toHaveLength(1);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });
});

describe('an API key', () => {
  const key = new Secret(['API_KEY'], SECRET);

  it('is sent in the query of every request, and shown nowhere', async () => {
    const server = await serve((asked, response) => {
      if (asked.query.get('api_key') !== SECRET) return status(401)(response, asked);
      return json({ data: makeRecords(10) })(response, asked);
    });
    const auth = { type: 'api_key', in: 'query', name: 'api_key', key } as const;
    expect((await pullAs(server, auth)).pages).toHaveLength(4);
    const wrong = { ...auth, name: 'other' };
    const error = await failureOf(pullAs(server, wrong));
    expect(error).toMatchObject({ code: 'E_SOURCE_STATUS', exit: 3 });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/canary/);
  });

  it('is sent in a header', async () => {
    const server = await serve((asked, response) => json({ data: makeRecords(10) })(response, asked));
    await pullAs(server, { type: 'api_key', in: 'header', name: 'X-Api-Key', key: new Secret(['K'], 'k-1') });
    expect(server.asked.map(({ headers }) => headers['x-api-key'])).toEqual(['k-1', 'k-1', 'k-1', 'k-1']);
  });
});

describe('client credentials', () => {
  it('ask for one token, however many pages wait for it', async () => {
    const source = await serveTokens({ give: () => slowHeaders(30, token(TOKEN)) });
    const { pages } = await pullAs(source, source.auth, { concurrency: 4 });
    expect(pages).toHaveLength(4);
    expect(source.tokensAsked()).toHaveLength(1);
    expect(source.pagesAsked()).toHaveLength(4);
  });

  it('name the client as RFC 6749 has it, and the scope', async () => {
    const source = await serveTokens({ give: () => token(TOKEN) });
    const { href } = new URL('/token', source.url);
    await pullAs(source, oauth(href, 'read:people read:orders'));
    const [asked] = source.tokensAsked();
    expect(asked?.method).toBe('POST');
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'read:people read:orders',
    });
    const [, pair = ''] = (asked?.headers.authorization ?? '').split(' ');
    expect(Buffer.from(pair, 'base64').toString()).toBe('client+id:canary%3Asecret%2F4711%2B%C3%A9');
  });

  it('send an audience, a resource and other parameters', async () => {
    const source = await serveTokens({ give: () => token(TOKEN) });
    const params = new Map([
      ['audience', 'https://api.example.org'],
      ['resource', 'urn:people'],
      ['tenant', 'a b'],
    ]);
    await pullAs(source, { ...oauth(new URL('/token', source.url).href), params });
    const sent = Object.fromEntries(new URLSearchParams(source.tokensAsked()[0]?.body));
    expect(sent).toEqual({ grant_type: 'client_credentials', ...Object.fromEntries(params) });
  });

  it('may name the client in the form', async () => {
    const source = await serveTokens({ give: () => token(TOKEN) });
    await pullAs(source, { ...oauth(new URL('/token', source.url).href), credentials: 'body' });
    const [asked] = source.tokensAsked();
    expect(asked?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      ...{ grant_type: 'client_credentials', client_id: 'client id', client_secret: SECRET },
    });
  });

  it.each([
    ['status 201', json({ access_token: TOKEN, token_type: 'Bearer' }, {}, 201)],
    ['no token_type', json({ access_token: TOKEN })],
  ])('take an answer with %s', async (_, give) => {
    const source = await serveTokens({ give: () => give });
    expect((await pullAs(source, source.auth)).pages).toHaveLength(4);
  });

  it('get a new token where the source refuses the old one, once for all pages', async () => {
    const source = await serveTokens({
      give: (count) => token(count === 1 ? 'canary-token-old' : TOKEN),
    });
    const { pages } = await pullAs(source, source.auth, { concurrency: 4 });
    expect(pages).toHaveLength(4);
    expect(source.tokensAsked()).toHaveLength(2);
  });

  it('give up where the new token is refused as well', async () => {
    const source = await serveTokens({ give: (count) => token(`canary-token-${count}`), takes: () => false });
    const error = await failureOf(pullAs(source, source.auth, { concurrency: 1 }));
    expect(error).toMatchObject({ code: 'E_SOURCE_STATUS', exit: 3 });
    expect(source.tokensAsked()).toHaveLength(2);
    expect(source.pagesAsked()).toHaveLength(2);
  });

  it('are renewed before the token ends, and not sooner', async () => {
    const source = await serveTokens({
      give: (count) => token(`canary-token-${count}`, { expires_in: 3600 }),
      takes: () => true,
    });
    let nowMs = Date.parse('2026-03-01T12:00:00Z');
    const effects = makeEffects({ now: () => new Date(nowMs) });
    const authorization = createAuthorization(makeSource({ auth: source.auth }), effects);
    const first = await authorization.current();
    nowMs += 3_569_000;
    expect(await authorization.current()).toBe(first);
    nowMs += 2_000;
    expect((await authorization.current()).headers['authorization']).toBe('Bearer canary-token-2');
  });

  it('try again where the token endpoint is out of order for a while', async () => {
    const faults: readonly Answer[] = [reset(), status(503)];
    const source = await serveTokens({ give: (count) => faults[count - 1] ?? token(TOKEN) });
    const { pages } = await pullAs(source, source.auth, { concurrency: 1 });
    expect(pages).toHaveLength(4);
    expect(source.tokensAsked()).toHaveLength(3);
  });
});

interface Refusal {
  readonly name: string;
  readonly give: Answer;
  readonly code?: string;
  readonly kind?: string;
  /** How often a token is asked for; 3 where it is tried again. */
  readonly tries?: 3;
  readonly source?: Partial<SourceDefinition>;
}

const REFUSALS: readonly Refusal[] = [
  { name: '401', give: json({ error: 'invalid_client', about: TOKEN }, {}, 401), kind: 'status 401' },
  { name: '400', give: json({ error: 'invalid_scope', about: TOKEN }, {}, 400), kind: 'status 400' },
  { name: '500 for ever', give: status(500), kind: 'status 500', tries: 3 },
  { name: 'a long Retry-After', give: status(429, { 'retry-after': '301' }), kind: 'status 429' },
  { name: 'a redirect', give: redirect('/elsewhere', 307), kind: 'a redirect' },
  { name: 'HTML', give: bytes(`<p>${TOKEN}</p>`), kind: 'the response is not a JSON object' },
  { name: 'a list', give: json([TOKEN]), kind: 'no valid `access_token` in the response' },
  { name: 'null', give: bytes('null'), kind: 'the response is not a JSON object' },
  { name: 'no token', give: json({ token_type: 'bearer' }), kind: 'no valid `access_token` in the response' },
  {
    name: 'a token with a line break',
    give: token(`${TOKEN}\r\nX: y`),
    kind: 'no valid `access_token` in the response',
  },
  { name: 'an empty token', give: token(''), kind: 'no valid `access_token` in the response' },
  {
    name: 'a token of another kind',
    give: token(TOKEN, { token_type: 'mac' }),
    kind: 'a `token_type` other than bearer',
  },
  { name: 'far too much', give: bytes(TOKEN.repeat(10_000)), kind: 'a response larger than 65536 bytes' },
  {
    name: 'half an answer',
    give: hangUpMidBody(`{"access_token":"${TOKEN}`),
    code: 'E_SOURCE_BODY',
    tries: 3,
  },
  {
    name: 'nothing in time',
    give: slowHeaders(2_000, token(TOKEN)),
    kind: 'no complete response within the `timeout` of 100 ms',
    tries: 3,
    source: { timeoutMs: 100 },
  },
];

describe('a token endpoint', () => {
  it.each(REFUSALS)(
    'that answers with $name ends the run',
    async ({ give, code, kind, tries, source: more }) => {
      const source = await serveTokens({ give: () => give });
      const error = await failureOf(pullAs(source, source.auth, { concurrency: 1, ...more }));
      expect(error).toMatchObject({ code: code ?? 'E_SOURCE_TOKEN', exit: 3 });
      if (kind !== undefined) expect(error.message).toBe(`the token request failed (${kind})`);
      expect(error.remedy).not.toMatch(/max_response|page size/);
      expect(error.where).toMatchObject({ origin: source.url.origin, path: 'token_url' });
      expect(source.tokensAsked()).toHaveLength(tries ?? 1);
      expect(source.pagesAsked()).toEqual([]);
      const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error) + error.remedy;
      for (const hidden of [TOKEN, SECRET, encodeURIComponent(SECRET)]) expect(shown).not.toContain(hidden);
    },
  );

  it('in plain http beyond this machine is refused before anything is sent', () => {
    const far = oauth('http://api.example.org/token');
    const make = (allowHttp: boolean) => () =>
      createAuthorization(makeSource({ auth: far, allowHttp }), makeEffects());
    expect(make(false)).toThrow(expect.objectContaining({ code: 'E_PLAIN_HTTP' }) as Error);
    expect(make(true)).not.toThrow();
  });
});

it('no redirect carries credentials to another origin', async () => {
  const other = await serve((asked, response) => json({ data: makeRecords(10) })(response, asked));
  const server = await serve((asked, response) => redirect(new URL('/p', other.url).href)(response, asked));
  const error = await failureOf(pullAs(server, BASIC));
  expect(error).toMatchObject({ code: 'E_SOURCE_REDIRECT', exit: 3 });
  expect(other.asked).toEqual([]);
});
