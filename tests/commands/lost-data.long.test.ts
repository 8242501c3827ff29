import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** Landed data that is gone: every command says so, and none takes the rest for all there is. */

const [FIRST, LAST, OTHER] = ['2026-10-30', '2026-11-02', '2026-11-03'];
const lakeOf = ({ dir }: SampleProject, path: string): string => join(dir, 'data_lake', path);
const FIRST_FOLDER = 'raw/2026/10/30';
const MANIFEST = `${FIRST_FOLDER}/persons.manifest.json`;

let landed: SampleProject;
let project: SampleProject;
const land = (date: string, ...flags: string[]) =>
  project.run('run', '--date', date, '--records', '20', '--quiet', ...flags);

beforeAll(async () => {
  landed = makeSampleProject();
  project = landed;
  await land(FIRST);
  await land(LAST);
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

const countRows = async (): Promise<unknown> => {
  const { document } = await project.ask('query', 'select count(*) as n from silver.persons_anonymized');
  return (document as { rows: { n: number }[] }).rows[0]?.n;
};
const remove = (path: string): void => {
  rmSync(lakeOf(project, path), { recursive: true });
};

describe('a month of raw files that is gone', () => {
  beforeEach(() => {
    remove('raw/2026/10');
  });

  it('is named by verify with its run and its rows, exit 5', async () => {
    const { exit, stdout, stderr } = await project.run('verify');
    expect(exit).toBe(5);
    expect(stdout).toMatch(new RegExp(`${MANIFEST}: 20 rows landed by run [0-9a-f-]{36}, gone`));
    expect(stderr).toContain('--accept-loss');
    expect((await project.run('verify', '--date', LAST)).exit).toBe(0);
  });

  it('stops transform, which leaves the tables as they are', async () => {
    const { exit, stderr } = await project.run('transform', '--all');
    expect(exit).toBe(4);
    expect(stderr).toMatch(new RegExp(`${FIRST} of persons, which run [0-9a-f-]{36} landed, is gone`));
    expect(stderr).toContain(`pipeline run persons --date ${FIRST}`);
    expect(await countRows()).toBe(40);
  });

  it('is listed by status', async () => {
    const { stdout } = await project.run('status');
    expect(stdout).toContain('1 partition lost:');
    expect(stdout).toMatch(new RegExp(`${FIRST}: 20 rows landed by run`));
  });

  it('does not keep another date from landing, and its own run brings it back', async () => {
    const other = await land(OTHER);
    expect(other.exit).toBe(4);
    expect(other.stderr).toContain('E_LOST');
    expect(existsSync(lakeOf(project, 'raw/2026/11/03/persons.manifest.json'))).toBe(true);
    expect((await land(FIRST)).exit).toBe(0);
    expect(await countRows()).toBe(60);
    expect((await project.run('verify')).exit).toBe(0);
  });

  it('is well again once the files are restored', async () => {
    cpSync(lakeOf(landed, 'raw/2026/10'), lakeOf(project, 'raw/2026/10'), { recursive: true });
    expect((await project.run('verify')).exit).toBe(0);
    expect((await project.run('transform', '--all')).exit).toBe(0);
  });

  it('is left out where its loss is accepted, and is not mentioned again', async () => {
    const accepted = await project.run('transform', '--accept-loss');
    expect(accepted.exit).toBe(0);
    expect(accepted.stdout).toContain('Built without 1 partition:');
    expect(await countRows()).toBe(20);
    expect((await project.run('transform', '--all')).exit).toBe(0);
    expect((await project.run('verify')).exit).toBe(0);
    expect((await project.run('status')).stdout).not.toContain('lost');
    expect((await land(FIRST)).exit).toBe(0);
    remove('raw/2026/10');
    expect((await project.run('verify')).exit).toBe(5);
  });

  it('is known from the ledger if the record of what landed is gone as well', async () => {
    remove('_landed');
    expect((await project.run('transform')).exit).toBe(4);
    expect((await project.run('verify')).stdout).toContain(`${MANIFEST}: 20 rows landed by run`);
    expect((await project.run('transform', '--accept-loss')).exit).toBe(0);
    expect((await project.run('transform')).exit).toBe(0);
    expect((await project.run('verify')).exit).toBe(0);
  });
});

describe('a partition of a backup, older than what landed', () => {
  beforeEach(async () => {
    const saved = lakeOf(project, 'saved');
    renameSync(lakeOf(project, FIRST_FOLDER), saved);
    await project.run('transform', '--accept-loss', '--quiet');
    await project.run('run', '--date', FIRST, '--records', '30', '--quiet');
    rmSync(lakeOf(project, FIRST_FOLDER), { recursive: true });
    renameSync(saved, lakeOf(project, FIRST_FOLDER));
  });

  it('does not replace the newer one', async () => {
    const { exit, stderr } = await project.run('transform');
    expect(exit).toBe(4);
    expect(stderr).toContain('is replaced by older data');
    expect((await project.run('verify')).exit).toBe(5);
    expect(await countRows()).toBe(50);
  });

  it('is what there is once the loss is accepted, or the date has landed with the same bytes', async () => {
    expect((await land(FIRST)).exit).toBe(0);
    expect((await project.run('verify')).exit).toBe(0);
    expect(await countRows()).toBe(40);
  });
});

describe('a manifest that is not the one that landed', () => {
  it('is named, though it can be read', async () => {
    const path = lakeOf(project, MANIFEST);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"raw_zone": "restricted"', '"raw_zone": "open"'));
    const { exit, stderr } = await project.run('transform');
    expect([exit, stderr]).toEqual([4, expect.stringContaining('another manifest') as string]);
    expect(await project.run('verify')).toMatchObject({
      exit: 6,
      stdout: expect.stringContaining('not the manifest that it wrote') as string,
    });
  });
});

describe('a lake of a time before it was recorded what landed', () => {
  it('is recorded by the next transform, without a complaint', async () => {
    remove('_landed');
    expect((await project.run('verify')).exit).toBe(0);
    expect((await project.run('transform')).exit).toBe(0);
    expect(readdirSync(lakeOf(project, '_landed')).sort()).toEqual(['2026-10.json', '2026-11.json']);
    remove('_runs');
    remove('raw/2026/10');
    expect((await project.run('verify')).exit).toBe(5);
  });

  it('is recorded for its month by the next ingest', async () => {
    remove('_landed');
    await project.run('ingest', '--date', OTHER, '--records', '20', '--quiet');
    const month = readFileSync(lakeOf(project, '_landed/2026-11.json'), 'utf8');
    expect(
      (JSON.parse(month) as { partitions: { date: string }[] }).partitions.map(({ date }) => date),
    ).toEqual([LAST, OTHER]);
  });
});

describe('the record of what landed', () => {
  it('that is damaged stops nothing for ever: without it, it is written again', async () => {
    writeFileSync(lakeOf(project, '_landed/2026-10.json'), '{');
    const { exit, stderr } = await project.run('transform');
    expect([exit, stderr]).toEqual([
      6,
      expect.stringContaining('or remove it: the next transform') as string,
    ]);
    expect(await project.run('verify')).toMatchObject({
      exit: 6,
      stdout: expect.stringContaining('_landed/2026-10.json: not a list of landed partitions') as string,
      stderr: expect.stringContaining('restore the file, or remove it') as string,
    });
    remove('_landed/2026-10.json');
    expect((await project.run('transform')).exit).toBe(0);
    expect((await project.run('verify')).exit).toBe(0);
  });

  it('forgets what is pruned', async () => {
    const pruned = await project.run('prune', '--older-than', '20d', '--yes');
    expect(pruned.exit).toBe(0);
    expect(existsSync(lakeOf(project, MANIFEST))).toBe(false);
    expect((await project.run('verify')).exit).toBe(0);
    expect((await project.run('transform')).exit).toBe(0);
    expect((await project.run('status')).stdout).not.toContain('lost');
  });
});
