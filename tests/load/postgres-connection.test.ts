import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPath } from '../../src/base/json-values.js';
import { LakeveilError } from '../../src/base/errors.js';
import { readTarget } from '../../src/definition/read-targets.js';
import { bindTarget, TARGET_FORM } from '../../src/load/registry.js';
import { toTargetFailure } from '../../src/load/targets/postgres-errors.js';
import { findPassword } from '../../src/load/targets/postgres-password.js';
import { connectionText, readAddress } from '../../src/load/targets/postgres-url.js';
import { closeAfterTest } from '../support/after-each.js';

const SECRET = "pass'word";
const read = (url: string) => readAddress(url, 'targets.t.url');

describe('the address of a PostgreSQL', () => {
  it.each([
    ['postgres://u@127.0.0.1/db', 'disable'],
    ['postgresql://u@localhost:5433/db', 'disable'],
    ['postgres://u@[::1]/db', 'disable'],
    ['postgres://u@%2Fvar%2Frun%2Fpostgresql/db', 'disable'],
    ['postgres://u@db.example.org/db', 'verify-full'],
    ['postgres://u@127.example.org/db', 'verify-full'],
    ['postgres://u@db.example.org/db?sslmode=require', 'require'],
  ])('%s is trusted by %s', (url, sslMode) => {
    expect(read(url)).toMatchObject({ sslMode, password: null, user: 'u', database: 'db' });
  });

  it('reads escaped text, and quotes it for libpq', () => {
    const address = read(`postgres://u:${encodeURIComponent(SECRET)}@db.example.org:5433/reports%202`);
    expect(address).toMatchObject({ password: SECRET, port: 5433, database: 'reports 2' });
    expect(connectionText(address)).toContain(
      `password='pass\\'word' dbname='reports 2' sslmode='verify-full' sslrootcert='system'`,
    );
  });

  it.each([
    ['not a URL', 'nothing'],
    ['another protocol', 'https://u:secret@h/db'],
    ['no user', 'postgres://h/db'],
    ['no database', 'postgres://u:secret@h'],
    ['a mode that leaves it to the server', 'postgres://u:secret@h/db?sslmode=prefer'],
    ['another parameter', 'postgres://u:secret@h/db?options=-c'],
  ])('refuses %s without showing the URL', (_, url) => {
    const error = catchError(() => read(url));
    expect(error).toMatchObject({ code: 'E_DEFINITION', exit: 2 });
    expect(JSON.stringify([error.message, error.remedy, error.where])).not.toContain('secret');
  });
});

it.each([
  ['127.0.0.1:5432:db:u:first', 'first'],
  ['# 127.0.0.1:5432:db:u:none\nother:*:*:*:no\n*:*:*:u:se\\:cr\\\\et\n*:*:*:*:last', 'se:cr\\et'],
  ['127.0.0.1:5433:db:u:none', null],
  ['', null],
])('finds a password in a password file: %j', async (text, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'lakeveil-pgpass-'));
  closeAfterTest(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'pgpass'), text);
  const address = read('postgres://u@127.0.0.1:5432/db');
  expect(await findPassword(join(folder, 'pgpass'), address)).toBe(expected);
  expect(await findPassword(join(folder, 'nothing'), address)).toBeNull();
});

describe('what PostgreSQL throws', () => {
  const place = { target: 't', table: 'gold.sales', lockTimeoutMs: 1000 };
  const hidden = { message: 'Key (name)=(Ann) exists', detail: 'Ann', hint: 'Ann', where: 'Ann' };

  it.each([
    ['08006', 'E_TARGET_DOWN', 3],
    ['57P01', 'E_TARGET_DOWN', 3],
    ['53300', 'E_TARGET_DOWN', 3],
    ['40P01', 'E_TARGET_DOWN', 3],
    ['28P01', 'E_TARGET_LOGIN', 2],
    ['3D000', 'E_TARGET_LOGIN', 2],
    ['42501', 'E_TARGET_LOGIN', 2],
    ['25006', 'E_TARGET_LOGIN', 2],
    ['55P03', 'E_TARGET_BUSY', 6],
    ['53100', 'E_TARGET_FULL', 6],
    ['53200', 'E_TARGET_FULL', 6],
    ['23505', 'E_TARGET_ROWS', 4],
    ['22021', 'E_TARGET_ROWS', 4],
    ['54000', 'E_TARGET_ROWS', 4],
    ['42703', 'E_TARGET_TABLE', 2],
    ['P0001', 'E_TARGET_TABLE', 2],
    ['P0004', 'E_TARGET_TABLE', 2],
    ['XX000', 'E_TARGET', 1],
    ['ECONNREFUSED', 'E_TARGET_DOWN', 3],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'E_TARGET_LOGIN', 2],
    [undefined, 'E_TARGET_DOWN', 3],
  ])('%s is %s', (code, expected, exit) => {
    const thrown = Object.assign(new Error(hidden.message), hidden, { code });
    const error = toTargetFailure(thrown, place);
    expect(error).toMatchObject({ code: expected, exit, where: { stage: 'load' } });
    expect(JSON.stringify([error.message, error.remedy, error.facts])).not.toContain('Ann');
    expect(error.cause).toBeUndefined();
  });
});

describe('targets.yaml', () => {
  const bind = async (yaml: string, variables: Readonly<Record<string, string>>, name = 't') => {
    const projectDir = await mkdtemp(join(tmpdir(), 'lakeveil-targets-'));
    closeAfterTest(() => rm(projectDir, { recursive: true }));
    if (yaml !== '') await writeFile(join(projectDir, 'targets.yaml'), yaml);
    const environment = { variables: new Map(Object.entries(variables)), places: 'the environment' };
    const found = await readTarget({ projectDir, ...environment }, TARGET_FORM, name);
    const written = (setting: string): string => String(readPath(found.written, [setting]));
    const none = {
      lakeId: () => Promise.resolve(''),
      forbidden: [],
      passFile: '/nowhere',
      findExtension: () => null,
      warn: () => undefined,
    };
    const takeLock = () => Promise.resolve({ release: () => Promise.resolve() });
    return bindTarget(found.settings, {
      name,
      projectDir,
      written,
      ...none,
      takeLock,
      sleep: () => Promise.resolve(),
    });
  };
  const YAML = `targets:
  other: { type: postgres, url: '\${UNSET}' }
  t: { type: postgres, url: '\${WAREHOUSE_URL}' }
`;

  const SQLITE = 'targets:\n  t: { type: sqlite, path: PATH }\n';

  it.each([
    'postgres://u:${PW}@${HOST}/db',
    'postgres://${HOST}:${PW}@${HOST:-127.0.0.1}:5432/db',
    '${WAREHOUSE_URL:-postgres://u@127.0.0.1/db}',
    'postgres://u@${HOST}:5433/db',
  ])('takes %s, whose password is in a variable or nowhere', async (url) => {
    const variables = { PW: 'secret', HOST: 'localhost', WAREHOUSE_URL: 'postgres://u:secret@localhost/db' };
    await expect(bind(YAML.replace('${WAREHOUSE_URL}', url), variables)).resolves.toBeDefined();
  });

  it('needs only the variables of the target that is named', async () => {
    const { place } = await bind(YAML, { WAREHOUSE_URL: 'postgres://u:secret@127.0.0.1:5433/db' });
    expect(place).toBe('127.0.0.1:5433/db');
  });

  it.each([
    ['no file', '', 't', 'E_USAGE'],
    ['an unknown name', YAML, 'nothing', 'E_UNKNOWN'],
    ['a variable that is not set', YAML, 'other', 'E_ENV_MISSING'],
    ['the token key', YAML.replace('WAREHOUSE_URL', 'TOKEN_KEY'), 't', 'E_DEFINITION'],
    ['an unknown setting', YAML.replace('}\n', ', table: x }\n'), 't', 'E_DEFINITION'],
    ['an unknown type', YAML.replaceAll('postgres', 'mysql'), 't', 'E_DEFINITION'],
    ['a bad name', YAML.replace('  t:', '  T-1:'), 't', 'E_NAME'],
    [
      'a password in the file',
      YAML.replace('${WAREHOUSE_URL}', 'postgres://u:secret@127.0.0.1/db'),
      't',
      'E_DEFINITION',
    ],
    ...[
      'postgres://loader:secret@${HOST}/db',
      'postgres://${HOST}:secret@127.0.0.1/db',
      'postgres://u:${HOST}secret@127.0.0.1/db',
      'postgres://u:${HOST:-secret}@127.0.0.1/db',
      '${NOTHING:-postgres://u:secret@127.0.0.1/db}',
      '${WAREHOUSE_URL:-postgres://u:secret@127.0.0.1/db}',
      '${HOST:-postgres}://u:secret@127.0.0.1/db',
    ].map((url): [string, string, string, string] => [
      `a password in the file beside a variable: ${url}`,
      YAML.replace('${WAREHOUSE_URL}', url),
      't',
      'E_DEFINITION',
    ]),
    [
      'a reserved prefix',
      YAML.replace("WAREHOUSE_URL}' }", "WAREHOUSE_URL}', schema_prefix: pg_a }"),
      't',
      'E_DEFINITION',
    ],
    [
      'a reserved prefix of SQLite',
      SQLITE.replace('PATH', 'a.sqlite, schema_prefix: sqlite_a'),
      't',
      'E_DEFINITION',
    ],
    ['U+0000 in a path', SQLITE.replace('PATH', '"a\\0b"'), 't', 'E_DEFINITION'],
    ['a damaged file', 'targets: {', 't', 'E_DEFINITION'],
  ])('%s is an error without a value', async (_, yaml, name, code) => {
    const error: unknown = await bind(
      yaml,
      { WAREHOUSE_URL: 'postgres://u:secret@127.0.0.1/db', HOST: 'localhost' },
      name,
    ).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, exit: 2 });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});

function catchError(work: () => unknown): LakeveilError {
  try {
    work();
  } catch (error) {
    if (error instanceof LakeveilError) return error;
  }
  throw new Error('nothing was thrown');
}
