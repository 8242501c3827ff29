import { describe, expect, it } from 'vitest';
import { change, load } from './page.js';
import { expectRefusal, type Refusal } from './refusal.js';

const HEADERS = 'headers: { Authorization: "Bearer ${API_TOKEN:-none}" }';
const BASIC = 'auth: { type: basic, username: lake, password: "${API_TOKEN:-none}" }';
const OAUTH =
  'auth: { type: oauth2, token_url: https://id.example.org/token, client_id: lake, client_secret: "${API_TOKEN:-none}", scope: read }';

const REFUSALS: readonly Refusal[] = [
  {
    name: 'auth beside a header that says the same',
    from: HEADERS,
    to: `${HEADERS}\n  ¦auth: { type: basic, username: lake, password: "\${API_TOKEN:-none}" }`,
    says: /`auth` and an Authorization header cannot be used together/,
    fix: /remove one/,
  },
  {
    name: 'a password in the page',
    from: HEADERS,
    to: 'auth: { type: basic, username: lake, ¦password: canary }',
    also: ['API_TOKEN, PAGES', 'PAGES'],
    says: /the definition contains a secret/,
    fix: /write `password: \$\{NAME\}`, and list NAME under `env`/,
  },
  {
    name: 'a client secret in the page',
    from: HEADERS,
    to: 'auth: { type: oauth2, token_url: "https://a.example/t", client_id: lake, ¦client_secret: canary }',
    also: ['API_TOKEN, PAGES', 'PAGES'],
    says: /the definition contains a secret/,
    fix: /client_secret: \$\{NAME\}/,
  },
  {
    name: 'a user with a colon',
    from: HEADERS,
    to: 'auth: { type: basic, ¦username: "la:ke", password: "${API_TOKEN:-none}" }',
    says: /`username` must be text without a colon/,
  },
  {
    name: 'a kind of authentication that is not known',
    from: HEADERS,
    to: 'auth: { ¦type: digest, username: lake, password: "${API_TOKEN:-none}" }',
    says: /basic, oauth2|basic or oauth2/,
  },
  ...['ftp://a.example/t', 'https://a:canary@a.example/t', 'https://a.example/t?x=1', '/token'].map(
    (url): Refusal => ({
      name: `a token address such as ${url.replace('canary', '…')}`,
      from: HEADERS,
      to: `auth: { type: oauth2, ¦token_url: "${url}", client_id: lake, client_secret: "\${API_TOKEN:-none}" }`,
      says: /`token_url` must be an http\(s\) URL without user, query and fragment/,
    }),
  ),
  {
    name: 'a body of a GET',
    from: 'records: data.items',
    to: 'records: data.items\n      ¦body: { since: "{date}" }',
    says: /a GET request cannot have a body/,
    fix: /method: POST/,
  },
  {
    name: 'parameters in the body of a GET',
    from: 'pagination: { type: page, page_param',
    to: 'pagination: { type: page, ¦in: body, page_param',
    says: /a GET request cannot have a body/,
    fix: /in: query/,
  },
  {
    name: 'a parameter that stands in the body already',
    from: 'records: data.items\n      pagination: { type: page, page_param: page,',
    to: 'method: POST\n      body: { page: 1 }\n      records: data.items\n      pagination: { type: page, in: body, ¦page_param: page,',
    says: /duplicate name in the body/,
  },
  {
    name: 'an unknown placeholder in a body',
    from: 'records: data.items',
    to: 'method: POST\n      body: { days: [{ ¦from: "{day}" }] }\n      records: data.items',
    says: /unknown placeholder/,
  },
];

describe('authentication and bodies', () => {
  it.each(REFUSALS)('are refused: $name', expectRefusal);

  it.each([BASIC, OAUTH])('never show what comes from a variable: %s', (auth) => {
    const { source } = load(change(HEADERS, auth), { API_TOKEN: 'canary' });
    expect(source.auth?.type).toBe(auth.includes('basic') ? 'basic' : 'oauth2');
    expect(JSON.stringify([...Object.entries(source.auth ?? {})])).not.toContain('canary');
  });

  it('ask for the date in a body', () => {
    const page = change(
      'path: /people/{date}\n      query: { until: "{next_date}", lang: en }',
      'method: POST\n      path: /people\n      body: { when: { from: "{date}", note: "a {brace} is text}" } }',
    ).replace(', note: "a {brace} is text}"', '');
    const [dataset] = load(page).datasets.values();
    expect(dataset?.request.method).toBe('POST');
    expect(dataset?.request.body).toEqual(new Map([['when', new Map([['from', '{date}']])]]));
  });
});
