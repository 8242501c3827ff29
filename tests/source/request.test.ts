import { describe, expect, it } from 'vitest';
import type { RequestText, SecretText } from '../../src/base/types/definition.js';
import { planRequests } from '../../src/source/request-plan.js';
import { fillText } from '../../src/source/request-text.js';
import {
  failureOf,
  makeDataset,
  makeSource,
  MOMENT,
  pull,
  seedPagination,
  sendAsked,
  serve,
} from './harness.js';

const NEW_YEARS_EVE = { ...MOMENT, date: '2026-12-31', slot: '07' };
const NONE = { type: 'none' } as const;

function secret(text: string): SecretText {
  return { reveal: () => text, toString: () => '[secret NAME]' };
}

function plan(base: string, path: string, query: [string, RequestText][] = [], source = makeSource()) {
  const { request } = makeDataset(NONE, { request: { path, query: new Map(query) } });
  return planRequests(request, source, new URL(base), NEW_YEARS_EVE);
}

describe('a date in a request', () => {
  it.each([
    { text: '{date}', filled: '2026-12-31' },
    { text: 'from={date}&to={next_date}', filled: 'from=2026-12-31&to=2027-01-01' },
    { text: '{date:yyyyMMdd}', filled: '20261231' },
    { text: "{next_date:yyyy/MM/dd'T'}", filled: '2027/01/01T' },
    { text: '{date:EEEE}', filled: 'Thursday' },
    { text: '{dates} {slots} {}', filled: '{dates} {slots} {}' },
    { text: '{date}T{slot}', filled: '2026-12-31T07' },
  ])('$text becomes $filled', ({ text, filled }) => {
    expect(fillText(text, NEW_YEARS_EVE)).toBe(filled);
    expect(fillText(secret(text), NEW_YEARS_EVE)).toBe(filled);
  });

  it.each(['{date:YYYY}', '{date:DD}', '{date:nonsense}', "{date:yyyy'}"])('%s is refused', (text) => {
    expect(() => fillText(text, NEW_YEARS_EVE)).toThrow(
      expect.objectContaining({ code: 'E_DEFINITION', exit: 2 }),
    );
  });

  it('is the calendar day in every time zone', () => {
    const zone = process.env.TZ;
    try {
      for (const name of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'America/Sao_Paulo']) {
        process.env.TZ = name;
        expect(fillText('{date:yyyyMMdd}{next_date:yyyyMMdd}', { ...MOMENT, date: '2018-11-04' })).toBe(
          '2018110420181105',
        );
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});

describe('the URL of a request', () => {
  it.each([
    { base: 'https://api.example.com', path: '/v2/people', url: 'https://api.example.com/v2/people' },
    {
      base: 'https://api.example.com/tenant/7',
      path: '/v2/people',
      url: 'https://api.example.com/tenant/7/v2/people',
    },
    { base: 'https://api.example.com/tenant/', path: 'people', url: 'https://api.example.com/tenant/people' },
    {
      base: 'https://api.example.com/x',
      path: '//evil.example/y',
      url: 'https://api.example.com/x/evil.example/y',
    },
    {
      base: 'https://api.example.com',
      path: '/{date}/a b?c',
      url: 'https://api.example.com/2026-12-31/a%20b%3Fc',
    },
  ])('$base and $path is $url', ({ base, path, url }) => {
    expect(plan(base, path).ask(new Map()).url.href).toBe(url);
  });

  it('has the query of the definition and then the parameters of the page', () => {
    const { ask } = plan('https://a.example', '/p', [
      ['since', '{date}'],
      ['key', secret('a&b')],
    ]);
    expect(ask(new Map([['page', 2]])).url.search).toBe('?since=2026-12-31&key=a%26b&page=2');
    expect(ask(new Map([['page', 3]])).url.search).toBe('?since=2026-12-31&key=a%26b&page=3');
  });

  it.each([
    { base: 'http://api.example.com', allowHttp: false, code: 'E_PLAIN_HTTP' },
    { base: 'http://127.0.0.1.example.com', allowHttp: false, code: 'E_PLAIN_HTTP' },
    { base: 'http://localhost.example.com', allowHttp: false, code: 'E_PLAIN_HTTP' },
    { base: 'ftp://api.example.com', allowHttp: true, code: 'E_DEFINITION' },
  ])('is refused for $base with exit 2', ({ base, allowHttp, code }) => {
    const expected: unknown = expect.objectContaining({ code, exit: 2 });
    expect(() => plan(base, '/p', [], makeSource({ allowHttp }))).toThrow(expected);
  });

  it.each([
    { base: 'http://api.example.com', allowHttp: true },
    { base: 'http://localhost:8080', allowHttp: false },
    { base: 'http://127.8.9.1', allowHttp: false },
    { base: 'http://2130706433', allowHttp: false },
    { base: 'http://[::1]:8080', allowHttp: false },
  ])('is accepted for $base (allow_http: $allowHttp)', ({ base, allowHttp }) => {
    expect(plan(base, '/p', [], makeSource({ allowHttp })).ask(new Map()).url.pathname).toBe('/p');
  });
});

describe('the headers of a request', () => {
  it('are ours, unless the definition has its own, with secrets revealed and dates filled', async () => {
    const server = await serve(sendAsked);
    const headers = new Map<string, RequestText>([
      ['Accept', 'application/vnd.api+json'],
      ['Authorization', secret('Bearer {date:yyyy}-x')],
    ]);
    await pull(server.url, makeDataset(seedPagination(1, 1)), { source: { headers } });
    expect(server.asked[0]?.headers).toMatchObject({
      accept: 'application/vnd.api+json',
      authorization: 'Bearer 2026-x',
      'accept-encoding': 'gzip, deflate, br',
      'user-agent': 'lakeveil',
    });
  });

  it('never leave for plain http beyond this machine', async () => {
    const dataset = makeDataset(seedPagination(1, 1));
    const error = await failureOf(pull(new URL('http://192.0.2.1/'), dataset));
    expect(error).toMatchObject({ code: 'E_PLAIN_HTTP', exit: 2 });
  });
});
