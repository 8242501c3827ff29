import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** Files that are not what they should be: every command says so at once, and none waits or reads them whole. */

const DATE = '2026-11-02';
const RAW = 'data_lake/raw/2026/11/02';
const INTENT = 'data_lake/_commits/019a0000-0000-7000-8000-00000000000a.json';

let landed: SampleProject;
let project: SampleProject;
beforeAll(async () => {
  landed = makeSampleProject();
  await landed.run('run', '--date', DATE, '--records', '20', '--quiet');
});
beforeEach(() => {
  project = makeSampleProject(landed);
  return () => {
    project.remove();
  };
});
afterAll(() => {
  landed.remove();
});

const FORMS: readonly (readonly [name: string, make: (path: string) => void])[] = [
  ['a named pipe', (path) => execFileSync('mkfifo', [path])],
  [
    'a file of 3 GB',
    (path) => {
      writeFileSync(path, '{');
      truncateSync(path, 3 * 1024 ** 3);
    },
  ],
  [
    'a link',
    (path) => {
      symlinkSync('/etc/hostname', path);
    },
  ],
];

/** Puts something else in place of a file of the project. */
function replace(path: string, make: (path: string) => void): void {
  const full = join(project.dir, path);
  mkdirSync(dirname(full), { recursive: true });
  rmSync(full, { force: true });
  make(full);
}

describe.each(FORMS)('%s', (name, make) => {
  it.each([
    ['a manifest', `${RAW}/persons.manifest.json`],
    ['an intent', INTENT],
    ['a checkpoint', 'data_lake/_checkpoints/silver.people/checkpoint.json'],
    ['a retention mark', 'data_lake/_checkpoints/persons.pruned.json'],
    ['a month of what landed', 'data_lake/_landed/2026-11.json'],
    ['a landed file', `${RAW}/persons.parquet`],
  ])('in place of %s is an error of transform and verify', async (_, path) => {
    replace(path, make);
    for (const verb of ['transform', 'verify']) {
      const { exit, stderr } = await project.run(verb);
      expect([verb, exit, stderr]).toEqual([verb, expect.toBeOneOf([5, 6]), expect.any(String)]);
      expect(stderr).not.toContain('E_DEFECT');
    }
  });

  it('in place of .env is an error', async () => {
    if (name === 'a link') return;
    replace('.env', make);
    const { exit, stderr } = await project.run('status');
    expect([exit, stderr]).toEqual([6, expect.stringContaining('.env') as string]);
  });

  it('in place of a definition or a model is an error', async () => {
    if (name === 'a link') return;
    for (const path of ['sql/persons/silver/persons_anonymized.sql', 'pipelines/persons.yaml']) {
      replace(path, make);
      const { exit, stderr } = await project.run('transform');
      expect([exit, stderr]).toEqual([expect.toBeOneOf([2, 6]), expect.stringContaining(path) as string]);
    }
  });

  it('in place of an entry of the ledger is skipped, and reported by verify', async () => {
    const folder = join(project.dir, 'data_lake/_runs');
    const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const entry = entries.find((found) => found.endsWith('.json')) ?? '';
    replace(`data_lake/_runs/${entry}`, make);
    expect((await project.run('runs')).exit).toBe(0);
    expect((await project.run('verify')).exit).toBe(6);
  });

  it('in place of the lock or the warehouse is an error', async () => {
    replace('db/lake.duckdb', make);
    expect((await project.run('transform')).exit).toBe(6);
    replace('data_lake/_lock.duckdb', make);
    expect((await project.run('verify')).exit).toBe(6);
  });
});

describe('a file that a newer version wrote', () => {
  const manifest = `${RAW}/persons.manifest.json`;
  const setFormat = (path: string): void => {
    const full = join(project.dir, path);
    writeFileSync(
      full,
      JSON.stringify({ ...(JSON.parse(readFileSync(full, 'utf8')) as object), format: 99 }),
    );
  };

  it('is never to be landed again, and does not hide the rest of the lake', async () => {
    await project.run('ingest', '--date', '2026-11-01', '--records', '20', '--quiet');
    setFormat(manifest);
    for (const verb of ['transform', 'verify', 'status', 'doctor']) {
      const { exit, stdout, stderr } = await project.run(verb);
      expect([verb, exit, `${stdout}${stderr}`]).toEqual([
        verb,
        6,
        expect.stringMatching(/written by format 99/) as string,
      ]);
      expect(`${stdout}${stderr}`).toMatch(/upgrade Lakeveil/);
    }
    const { stdout } = await project.run('status');
    expect(stdout).toContain('2026-11-01');
    expect(stdout).toContain('1 file of the lake cannot be used:');
  });

  it.each([
    'data_lake/_landed/2026-11.json',
    'data_lake/_checkpoints/persons.pruned.json',
    'data_lake/_checkpoints/silver.people/checkpoint.json',
    INTENT,
  ])('such as %s is named as such', async (path) => {
    replace(path, (full) => {
      writeFileSync(full, '{"format": 99}');
    });
    for (const verb of ['transform', 'verify']) {
      const { exit, stdout, stderr } = await project.run(verb);
      expect([verb, exit]).toEqual([verb, 6]);
      expect(`${stdout}${stderr}`).toMatch(/written by format 99 of a newer version/);
      expect(stderr).toMatch(/upgrade Lakeveil/);
    }
    const { stdout } = await project.run('status');
    expect(stdout).toContain(DATE);
  });
});
