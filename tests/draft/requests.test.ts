import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  json,
  startStubApi,
  status,
  type StubApi,
  type StubRequest,
} from '../support/stub-api.js';
import { CANARIES, type DraftProject, makeDraftProject, makePeople } from './draft-project.js';

const PEOPLE = makePeople(30);
/** Values of variables: no output, no draft and no ledger may hold them. */
const SECRETS = {
  API_TOKEN: 'kanary-token-1',
  API_USER: 'kanary-user-2',
  API_PASSWORD: 'kanary-password-3',
  API_CLIENT: 'kanary-client-4',
  API_SECRET: 'kanary-secret-5',
  API_KEY: 'kanary-key-6',
  REGION: 'kanary-region-7',
};

let api: StubApi;
let project: DraftProject;

const BASIC = `Basic ${Buffer.from(`${SECRETS.API_USER}:${SECRETS.API_PASSWORD}`).toString('base64')}`;

function isGranted({ path, headers, query, body, method }: StubRequest): boolean {
  switch (path) {
    case '/bearer':
      return headers.authorization === `Bearer ${SECRETS.API_TOKEN}` && headers['x-tenant'] === 'north';
    case '/basic':
      return headers.authorization === BASIC;
    case '/oauth':
      return headers.authorization === 'Bearer kanary-granted';
    case '/query':
      return query.get('api_key') === SECRETS.API_KEY && query.get('status') === 'active';
    case '/day':
      return /^\d{4}-\d\d-\d\d$/.test(query.get('day') ?? '');
    case '/search':
      return method === 'POST' && body === `{"filter":{"region":"${SECRETS.REGION}","size":10}}`;
    default:
      return false;
  }
}

function answer(request: StubRequest): Answer {
  if (request.path === '/token') return json({ access_token: 'kanary-granted', token_type: 'bearer' });
  return isGranted(request) ? json({ data: PEOPLE }) : status(401);
}

beforeAll(async () => {
  api = await startStubApi(answer);
  project = makeDraftProject();
  const lines = Object.entries(SECRETS).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(project.dir, '.env'), lines.join('\n'));
  writeFileSync(join(project.root, 'body.json'), '{"filter": {"region": "${REGION}", "size": 10}}');
  writeFileSync(join(project.root, 'leak.json'), '{"auth": {"password": "kanary"}}');
  writeFileSync(join(project.root, 'list.json'), '["kanary"]');
});

afterAll(async () => {
  await api.close();
  project.remove();
});

/** The ledger and the manifests, as text. */
function readLedger(): string {
  const lake = join(project.dir, 'data_lake');
  const names = readdirSync(lake, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  expect(names.length).toBeGreaterThan(1);
  return names.map((name) => readFileSync(join(lake, name), 'utf8')).join('\n');
}

describe('a request', () => {
  it.each<{ path: string; flags: readonly string[]; says: readonly string[] }>([
    {
      path: 'bearer',
      flags: ['--header', 'Authorization: Bearer ${API_TOKEN}', '--header', 'X-Tenant: north'],
      says: ['env: [API_TOKEN]', 'Authorization: "Bearer ${API_TOKEN}"', 'X-Tenant: north'],
    },
    {
      path: 'basic',
      flags: ['--auth', 'basic', '--username', '${API_USER}', '--password', '${API_PASSWORD}'],
      says: [
        'env: [API_USER, API_PASSWORD]',
        'auth: { type: basic, username: "${API_USER}", password: "${API_PASSWORD}" }',
      ],
    },
    {
      path: 'oauth',
      flags: [
        ...['--auth', 'oauth2', '--token-url', 'URL/token', '--client-id', '${API_CLIENT}'],
        ...['--client-secret', '${API_SECRET}', '--scope', 'people:read'],
      ],
      says: [
        'env: [API_CLIENT, API_SECRET]',
        'client_id: "${API_CLIENT}", client_secret: "${API_SECRET}", scope: "people:read" }',
      ],
    },
    {
      path: 'query',
      flags: ['--query', 'api_key=${API_KEY}', '--query', 'status=active'],
      says: ['env: [API_KEY]', 'api_key: "${API_KEY}"', 'status: active'],
    },
    { path: 'day', flags: ['--query', 'day={date}'], says: ['day: "{date}"', 'time: by_date'] },
    {
      path: 'search',
      flags: ['--post', 'ROOT/body.json'],
      says: ['env: [REGION]', 'method: POST', 'body: {"filter":{"region":"${REGION}","size":10}}'],
    },
  ])('is sent as the flags say, and is the request of the draft: $path', async ({ path, flags, says }) => {
    const filled = flags.map((flag) => flag.replace('URL', api.url).replace('ROOT', project.root));
    const made = await project.run('new', path, '--from', `${api.url}/${path}`, ...filled);
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    const page = project.page(path);
    for (const text of says) expect(page).toContain(text);
    expect(`${page}${made.stdout}`).not.toMatch(CANARIES);
    const ran = await project.run('run', path, '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({ datasets: [{ landed: 30, rejected: 0 }] });
    expect(`${ran.stdout}${ran.stderr}${readLedger()}`).not.toMatch(CANARIES);
  });

  it('that is rejected says so, and one without credentials says how to give them', async () => {
    const url = `${api.url}/bearer`;
    const wrong = await project.ask('new', 'no', '--from', url, '--header', 'Authorization: ${API_KEY}');
    expect(wrong.document).toMatchObject({ error: { code: 'E_DRAFT' } });
    expect(JSON.stringify(wrong.document)).toMatch(
      /rejects the credentials \(401\).*values of the variables/,
    );
    const none = await project.ask('new', 'no', '--from', url);
    expect(JSON.stringify(none.document)).toMatch(/--header 'Authorization: Bearer \$\{API_TOKEN\}'/);
  });

  it('names every variable that is missing', async () => {
    const { exit, document } = await project.ask(
      ...[
        'new',
        'no',
        '--from',
        `${api.url}/bearer`,
        '--header',
        'X-Api-Key: ${ONE}',
        '--query',
        'token=${TWO}',
      ],
    );
    expect(exit).toBe(2);
    expect(document).toMatchObject({
      error: { code: 'E_ENV_MISSING', problems: [{}, {}] },
    });
    expect(JSON.stringify(document)).toMatch(/ONE.*TWO/);
  });
});

describe('a secret is never taken from the command line', () => {
  it.each<[name: string, flags: readonly string[], says: RegExp]>([
    ['a bearer token', ['--header', 'Authorization: Bearer kanary'], /Authorization: Bearer \$\{API_TOKEN\}/],
    ['a pair of basic', ['--header', 'authorization: Basic a2FuYXJ5'], /--header 'authorization: /],
    ['a token beside a variable', ['--header', 'Authorization: Bearer kanary${X}'], /Authorization/],
    ['a scheme alone', ['--header', 'Authorization: Bearer'], /API_TOKEN/],
    ['a key', ['--header', 'X-Api-Key: kanary'], /--header 'X-Api-Key: \$\{API_KEY\}'/],
    ['a key of a subscription', ['--header', 'Ocp-Apim-Subscription-Key: kanary'], /SUBSCRIPTION_KEY/],
    ['a cookie', ['--header', 'Cookie: session=kanary'], /Cookie/],
    ['what looks like a key', ['--header', `X-Kind: ${'0123456789abcdef'.repeat(2)}`], /X-Kind/],
    ['an address', ['--header', 'From: kanary@kanary.example'], /From/],
    [
      'a token in the query',
      ['--query', 'access_token=kanary'],
      /--query 'access_token=\$\{API_ACCESS_TOKEN\}'/,
    ],
    ['a key in the query', ['--query', 'key=kanary'], /API_KEY/],
    ['a password in the query', ['--query', 'password=kanary'], /API_PASSWORD/],
    ['a secret in the query', ['--query', 'clientSecret=kanary'], /API_CLIENT_SECRET/],
    ['a default', ['--query', 'key=${API_KEY:-kanary}'], /without a default/],
    [
      'a user',
      ['--auth', 'basic', '--username', 'kanary', '--password', '${P}'],
      /--username '\$\{API_USERNAME\}'/,
    ],
    ['a password', ['--auth', 'basic', '--username', '${U}', '--password', 'kanary'], /API_PASSWORD/],
    ['no password', ['--auth', 'basic', '--username', '${U}'], /requires --password/],
    ['a password of nothing', ['--password', '${P}'], /requires --auth basic/],
    ['a body with a password', ['--post', 'ROOT/leak.json'], /`auth\.password` in the body/],
    ['a body that is a list', ['--post', 'ROOT/list.json'], /one JSON object/],
    ['a header without a name', ['--header', 'kanary'], /NAME: VALUE/],
    ['a header twice', ['--header', 'X-A: b', '--header', 'x-a: c'], /--header sets x-a twice/],
    ['a parameter twice', ['--query', 'a=b', '--query', 'a=c'], /--query sets a twice/],
    ['a parameter without a name', ['--query', '=kanary'], /NAME=VALUE/],
    ['an unknown method', ['--auth', 'kanary'], /one of basic, oauth2/],
  ])('%s', async (_, flags, says) => {
    const before = readdirSync(join(project.dir, 'pipelines'));
    const filled = flags.map((flag) => flag.replace('ROOT', project.root));
    const argv = ['new', 'no', '--from', `${api.url}/bearer`, ...filled];
    const { exit, stdout, stderr } = await project.run(...argv);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(CANARIES);
    expect(readdirSync(join(project.dir, 'pipelines'))).toEqual(before);
  });

  it('and a file takes no flags of a request', async () => {
    const argv = ['new', 'no', '--from', join(project.root, 'body.json'), '--query', 'a=b'];
    expect(await project.run(...argv)).toMatchObject({ exit: 2 });
  });
});
