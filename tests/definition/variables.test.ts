import { describe, it } from 'vitest';
import { expectRefusal, type Refusal } from './refusal.js';

const VARIABLES: readonly Refusal[] = [
  {
    name: 'a variable that env does not list',
    from: 'timeout: 45s',
    to: '¦timeout: ${WAIT}',
    says: /WAIT is not listed under `env`/,
    fix: /add WAIT to `env`/,
    variables: { WAIT: '3s' },
  },
  {
    name: 'a variable that nothing sets',
    from: 'headers: { Authorization: "Bearer ${API_TOKEN:-none}" }',
    to: 'headers: { Authorization: "Bearer ${API_TOKEN}", ¦X-Key: "${API_URL}" }',
    says: /variable API_URL is not set; looked in the environment and \.env/,
    fix: /add `API_URL=…` to \.env/,
    code: 'E_ENV_MISSING',
    variables: { API_TOKEN: 'x' },
  },
  {
    name: 'the token key in a scalar',
    from: 'timeout: 45s',
    to: '¦timeout: ${TOKEN_KEY}',
    says: /a definition cannot read the token key/,
  },
  {
    name: 'the token key under env',
    from: 'env: [API_URL,',
    to: 'env: [¦TOKEN_KEY_FILE, API_URL,',
    says: /a definition cannot read the token key/,
  },
  {
    name: 'a variable that nothing reads',
    from: 'env: [',
    to: 'env: [¦RECORDS, ',
    says: /not used in `source` or `request`/,
  },
  {
    name: 'a variable that is listed twice',
    from: 'env: [API_URL,',
    to: 'env: [API_URL, ¦API_URL,',
    says: /duplicate variable/,
  },
  {
    name: 'half a reference',
    from: 'timeout: 45s',
    to: '¦timeout: ${API_URL',
    says: /invalid variable reference/,
  },
  {
    name: 'a variable of another type, without its value',
    from: 'concurrency:',
    to: '¦concurrency:',
    says: /^variable PAGES_AT_ONCE must be a whole number from 1 to 256$/,
    code: 'E_ENV_INVALID',
    variables: { PAGES_AT_ONCE: 'canary' },
  },
  {
    name: 'a base URL with a password, without its value',
    from: 'base_url:',
    to: '¦base_url:',
    says: /^variable API_URL must be `embedded`, an http\(s\) URL without user, query and fragment, or `file:` with a project folder$/,
    code: 'E_ENV_INVALID',
    variables: { API_URL: 'https://user:canary@example.org' },
  },
  {
    name: 'a base URL that is a file',
    from: 'base_url: ${API_URL:-https://api.example.org/v1}',
    to: '¦base_url: ${API_URL:-file:///tmp/x}',
    says: /`base_url` must be `embedded`, an http\(s\) URL/,
  },
  {
    name: 'a header with a line break, without its value',
    from: '{ Authorization: "Bearer',
    to: '{ ¦Authorization: "Bearer',
    says: /^variable API_TOKEN must be text without line breaks/,
    code: 'E_ENV_INVALID',
    variables: { API_TOKEN: 'canary\r\nX: y' },
  },
];

describe('a variable', () => {
  it.each(VARIABLES)('is refused: $name', expectRefusal);
});
