import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCaptured } from './capture-output.js';

let root = '';

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-init-')));
  vi.stubEnv('XDG_CONFIG_HOME', join(root, 'config'));
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const ask = async (...argv: string[]): Promise<{ exit: number; document: unknown }> => {
  const { exit, stdout } = await runCaptured([...argv, '--json', '--quiet']);
  return { exit, document: JSON.parse(stdout) as unknown };
};

describe('a new project', () => {
  it('runs at once: ingest, table, report, verify, explain', async () => {
    const dir = join(root, 'deep', 'my-project');
    const made = await runCaptured(['init', dir]);
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    expect(made.stdout).toContain(`pipeline run people --project ${dir}`);
    expect(readdirSync(dir).sort()).toEqual([
      '.env.example',
      '.gitignore',
      'README.md',
      'pipelines',
      'schemas',
      'sql',
    ]);
    expect(readdirSync(join(root, 'deep'))).toEqual(['my-project']);

    const ran = await ask('run', 'people', '--project', dir, '--date', '2026-11-20', '--records', '300');
    expect(ran).toMatchObject({
      exit: 0,
      document: {
        status: 'succeeded',
        datasets: [{ dataset: 'people', fetched: 300, landed: 300 }],
        models: [{ model: 'gold.people_by_country' }],
        reports: [{ report: 'top_countries', columns: ['country_code', 'people', 'public_mail'] }],
      },
    });
    const [report] = (ran.document as { reports: { rows: { people: number }[] }[] }).reports;
    expect(report?.rows).toHaveLength(10);
    expect((await ask('verify', '--project', dir)).exit).toBe(0);
    expect((await ask('explain', 'people', '--project', dir)).exit).toBe(0);
    expect((await ask('models', 'people', '--project', dir)).exit).toBe(0);
  });

  it('takes an empty folder, and says as JSON what it made', async () => {
    const dir = join(root, 'empty');
    mkdirSync(dir);
    const { exit, document } = await ask('init', dir);
    expect({ exit, document }).toMatchObject({ exit: 0, document: { project: dir, pipeline: 'people' } });
    expect((document as { files: string[] }).files).toContain('sql/people/gold/people_by_country.sql');
  });
});

describe('a folder whose name no verb could work with', () => {
  it.each(['a?b', 'a*b', 'a\nb', 'what?/project'])('is not made: %j', async (name) => {
    const before = readdirSync(root);
    expect(await ask('init', join(root, name))).toMatchObject({
      exit: 2,
      document: { error: { code: 'E_USAGE', exit: 2, remedy: 'choose another folder' } },
    });
    expect(readdirSync(root)).toEqual(before);
  });

  it.each(['a b', "a'b", 'a[b]', 'a%41;b#c', 'ä"b'])('is no other one: %j', async (name) => {
    const dir = join(root, name);
    expect((await ask('init', dir)).exit).toBe(0);
    const ran = await ask('run', '--project', dir, '--date', '2026-11-20', '--records', '20');
    expect(ran).toMatchObject({ exit: 0, document: { datasets: [{ landed: 20 }] } });
    expect((await ask('verify', '--project', dir)).exit).toBe(0);
  });
});

describe('what is there already', () => {
  it.each([
    {
      name: 'a folder that is not empty',
      make: (path: string) => mkdirSync(join(path, 'x'), { recursive: true }),
    },
    {
      name: 'a file',
      make: (path: string) => {
        writeFileSync(path, 'x');
      },
    },
    {
      name: 'a link to nowhere',
      make: (path: string) => {
        symlinkSync(join(root, 'nowhere'), path);
      },
    },
  ])('is left alone: $name', async ({ name, make }) => {
    const dir = join(root, `taken ${name}`);
    make(dir);
    const before = readdirSync(root);
    expect(await ask('init', dir)).toMatchObject({
      exit: 2,
      document: { error: { code: 'E_TAKEN', exit: 2, remedy: 'choose a new or empty folder' } },
    });
    expect(readdirSync(root)).toEqual(before);
  });

  it('is never the folder that the shell is in', async () => {
    expect(await ask('init', '.')).toMatchObject({ exit: 2, document: { error: { code: 'E_TAKEN' } } });
  });
});
