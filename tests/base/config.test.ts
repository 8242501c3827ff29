import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/base/config/config.js';
import type { LakeveilError } from '../../src/base/errors.js';
import { findPackageDir } from '../../src/base/files/package-dir.js';

let project = '';
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'lakeveil-config-'));
  mkdirSync(join(project, 'pipelines'));
});
afterEach(() => {
  rmSync(project, { recursive: true, force: true });
});

function load(environment: Record<string, string> = {}, dotEnv?: string) {
  if (dotEnv !== undefined) writeFileSync(join(project, '.env'), dotEnv);
  return loadConfig({ project, environment });
}

function refusal(run: () => unknown): Partial<LakeveilError> {
  try {
    run();
  } catch (error) {
    return error as LakeveilError;
  }
  throw new Error('nothing was thrown');
}

describe('defaults', () => {
  it('are complete without any variable', () => {
    expect(load()).toMatchObject({
      projectDir: project,
      pipelinesDir: join(project, 'pipelines'),
      sqlDir: join(project, 'sql'),
      lakeDir: join(project, 'data_lake'),
      databasePath: join(project, 'db/lake.duckdb'),
      exportsDir: join(project, 'exports'),
      compression: 'zstd',
      logLevel: 'warn',
      key: { id: null, sources: [], allowLocal: false },
      places: `the environment and ${join(project, '.env')}`,
    });
  });
});

describe('folders that DuckDB cannot read from', () => {
  it.each(['what?', 'all*', 'two\nlines'])('are refused: %j', (name) => {
    const dir = join(project, name);
    mkdirSync(join(dir, 'pipelines'), { recursive: true });
    const error = refusal(() => loadConfig({ project: dir, environment: {} }));
    expect(error).toMatchObject({
      code: 'E_USAGE',
      exit: 2,
      remedy: expect.stringContaining('DATA_LAKE_DIR') as string,
    });
    const elsewhere = { DATA_LAKE_DIR: join(project, 'lake'), DUCKDB_PATH: join(project, 'lake.duckdb') };
    expect(loadConfig({ project: dir, environment: elsewhere }).lakeDir).toBe(join(project, 'lake'));
    expect(refusal(() => load({ DUCKDB_PATH: `db/${name}` })).remedy).toContain('DUCKDB_PATH');
  });

  it('are few: other signs are taken', () => {
    const dir = join(project, `a [b] {c,d} 'e' "f" #g %20 h:i\\j ä;k=l~`);
    mkdirSync(join(dir, 'pipelines'), { recursive: true });
    expect(loadConfig({ project: dir, environment: {} }).projectDir).toBe(dir);
  });
});

describe('variables', () => {
  it('come from the environment, then from .env', () => {
    const { variables } = load({ A: 'environment' }, 'A=file\nB=file\n');
    expect([variables.get('A'), variables.get('B')]).toEqual(['environment', 'file']);
  });

  it('count as not set when empty, and an empty one in the environment hides the one in .env', () => {
    expect(load({ RECORDS: '' }, 'RECORDS=5').variables.has('RECORDS')).toBe(false);
  });

  it('hold no key', () => {
    const { variables } = load({ TOKEN_KEY: 'k', TOKEN_KEY_ID: 'a' }, 'TOKEN_KEY_FILE=f');
    expect([...variables.keys()].filter((name) => name.startsWith('TOKEN_KEY'))).toEqual([]);
  });

  it('place lake and warehouse relative to the project', () => {
    const config = load({ DATA_LAKE_DIR: 'lake', DUCKDB_PATH: '/srv/w.duckdb' });
    expect([config.lakeDir, config.databasePath]).toEqual([join(project, 'lake'), '/srv/w.duckdb']);
  });

  it.each([
    ['LAKE_COMPRESSION', 'gzip', 'zstd, snappy'],
    ['LOG_LEVEL', 'loud', 'debug, info, warn, error, silent'],
    ['ALLOW_LOCAL_KEY', 'yes', '0, 1'],
  ])('are refused out of their range, without the value: %s', (name, value, accepted) => {
    const error = refusal(() => load({ [name]: value }));
    expect(error).toMatchObject({ code: 'E_ENV_INVALID', exit: 2 });
    expect(error.message).toContain(name);
    expect(error.message).toContain(accepted);
    expect(error.message).not.toContain(value);
  });

  it('say so when .env cannot be read', () => {
    mkdirSync(join(project, '.env'));
    expect(refusal(() => load())).toMatchObject({ code: 'E_DISK_READ', exit: 6 });
  });
});

describe('the settings of OpenLineage', () => {
  it('are off unless a URL or a file is set, and where they are disabled', () => {
    expect(load().lineage).toBeNull();
    expect(load({ OPENLINEAGE_API_KEY: 'k', OPENLINEAGE_NAMESPACE: 'n' }).lineage).toBeNull();
    expect(load({ LINEAGE_FILE: 'l.jsonl', OPENLINEAGE_DISABLED: 'True' }).lineage).toBeNull();
  });

  it('have the defaults of the clients of OpenLineage, and a key that nothing prints', () => {
    const { lineage } = load({ OPENLINEAGE_URL: 'http://127.0.0.1:5000', OPENLINEAGE_API_KEY: 'canary-key' });
    expect(lineage).toMatchObject({ namespace: 'lakeveil', file: null });
    expect(lineage?.endpoint?.href).toBe('http://127.0.0.1:5000/api/v1/lineage');
    expect(lineage?.apiKey?.reveal()).toBe('canary-key');
    expect(`${JSON.stringify(lineage)}${String(lineage?.apiKey)}`).not.toContain('canary-key');
  });

  it('put the endpoint below the path of the URL, and the file below the project', () => {
    const { lineage } = load({
      OPENLINEAGE_URL: 'https://meta.example/gms/',
      OPENLINEAGE_ENDPOINT: '/openapi/openlineage/api/v1/lineage',
      LINEAGE_FILE: 'l/e.jsonl',
      OPENLINEAGE_NAMESPACE: 'prod',
    });
    expect(lineage?.endpoint?.href).toBe('https://meta.example/gms/openapi/openlineage/api/v1/lineage');
    expect(lineage).toMatchObject({ file: join(project, 'l/e.jsonl'), namespace: 'prod' });
  });

  it.each([
    [{ OPENLINEAGE_URL: 'ftp://canary' }, 'OPENLINEAGE_URL'],
    [{ OPENLINEAGE_URL: 'http://canary:pw@127.0.0.1' }, 'OPENLINEAGE_URL'],
    [{ OPENLINEAGE_URL: 'http://127.0.0.1/?canary' }, 'OPENLINEAGE_URL'],
    [{ OPENLINEAGE_URL: 'http://canary.example', OPENLINEAGE_API_KEY: 'k' }, 'OPENLINEAGE_URL'],
    [{ OPENLINEAGE_URL: 'http://127.0.0.1', OPENLINEAGE_ENDPOINT: 'a?canary' }, 'OPENLINEAGE_ENDPOINT'],
    [{ LINEAGE_FILE: 'l', OPENLINEAGE_NAMESPACE: 'canary name' }, 'OPENLINEAGE_NAMESPACE'],
    [{ LINEAGE_FILE: 'l', OPENLINEAGE_DISABLED: 'canary' }, 'OPENLINEAGE_DISABLED'],
    [{ LINEAGE_FILE: 'data_lake/canary' }, 'LINEAGE_FILE'],
    [{ LINEAGE_FILE: 'sql/canary' }, 'LINEAGE_FILE'],
    [{ LINEAGE_FILE: 'db/lake.duckdb' }, 'LINEAGE_FILE'],
  ])('are refused out of their form, without the value: %j', (variables, name) => {
    const error = refusal(() => load(variables));
    expect(error).toMatchObject({ code: 'E_ENV_INVALID', exit: 2 });
    expect(error.message).toContain(name);
    expect(error.message).not.toContain('canary');
  });
});

describe('the key', () => {
  it('of the environment hides that of .env, whatever their kinds', () => {
    const { key } = load({ TOKEN_KEY_FILE: 'k' }, 'TOKEN_KEY=abc');
    expect(key.sources).toEqual([{ kind: 'file', origin: 'TOKEN_KEY_FILE', text: 'k' }]);
  });

  it('is never taken from a command in .env', () => {
    const { key } = load({}, `TOKEN_KEY_COMMAND='["make-key"]'`);
    expect(key).toMatchObject({ sources: [], commandInDotEnv: true });
  });

  it('is kept from the command that fetches it, as are options for Node', () => {
    const { key } = load({ TOKEN_KEY_ID: 'a', NODE_OPTIONS: '--x', VAULT_ADDR: 'v' });
    expect(key.commandEnvironment).toEqual({ VAULT_ADDR: 'v' });
  });

  it.each([
    [{ XDG_CONFIG_HOME: '/srv/c', HOME: '/home/a' }, '/srv/c/lakeveil/local.key'],
    [{ XDG_CONFIG_HOME: 'relative', HOME: '/home/a' }, '/home/a/.config/lakeveil/local.key'],
    [{ HOME: '/home/a' }, '/home/a/.config/lakeveil/local.key'],
  ])('lies in the configuration folder of the user: %o', (environment, path) => {
    expect(load(environment).key.localKeyPath).toBe(path);
  });
});

describe('the project', () => {
  it('is the working directory if it has pipelines, else the package', () => {
    const find = (workingDir: string) =>
      loadConfig({ project: null, environment: {}, workingDir }).projectDir;
    expect(find(project)).toBe(project);
    expect(find(join(project, 'pipelines'))).toBe(findPackageDir());
  });

  it('can be given relative to the working directory', () => {
    const workingDir = join(project, 'pipelines');
    expect(loadConfig({ project: '..', environment: {}, workingDir }).projectDir).toBe(project);
  });

  it.each(['nowhere', 'pipelines'])('is refused without pipelines: %s', (name) => {
    const error = refusal(() => loadConfig({ project: join(project, name), environment: {} }));
    expect(error).toMatchObject({ code: 'E_USAGE', exit: 2 });
  });
});

it('the folder of the log is not in the lake or among definitions', () => {
  for (const place of ['data_lake/raw', 'sql', 'pipelines/logs'])
    expect(refusal(() => load({ LOG_DIR: place }))).toMatchObject({ code: 'E_ENV_INVALID', exit: 2 });
  expect(load({ LOG_DIR: 'var/log' }).logDir).toBe(join(project, 'var/log'));
});
