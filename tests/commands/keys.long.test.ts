import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { KeyChange } from '../../src/actions/keys/change-keys.js';
import type { KeysReport } from '../../src/actions/keys/list-keys.js';
import type { Manifest } from '../../src/base/types/manifest.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

let project: SampleProject;
beforeEach(() => {
  project = makeSampleProject();
});
afterEach(() => {
  project.remove();
});

const land = async (date: string): Promise<void> => {
  const ended = await project.run('run', 'persons', '--date', date, '--records', '50', '--quiet');
  expect(ended.exit, ended.stderr).toBe(0);
};
const keyOf = (date: string): string | null => {
  const path = `data_lake/raw/${date.replaceAll('-', '/')}/persons.manifest.json`;
  return (JSON.parse(readFileSync(join(project.dir, path), 'utf8')) as Manifest).key_id;
};
const list = async () => (await project.ask('keys', 'list')).document as KeysReport;
const change = async (...words: string[]) => {
  const { exit, document } = await project.ask('keys', ...words);
  expect(exit, JSON.stringify(document)).toBe(0);
  return document as KeyChange;
};
async function refuse(...words: string[]): Promise<string> {
  const ended = await project.run('keys', ...words);
  expect(ended.exit, ended.stdout).toBe(2);
  return ended.stderr;
}

it('a new key is private, and masks once it is rotated to; earlier dates keep their key', async () => {
  await land('2026-03-01');
  const { path } = await change('new', 'k2');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await land('2026-03-02');
  expect(await change('rotate', 'k2')).toMatchObject({ action: 'rotated', from: 'local' });
  await land('2026-03-03');
  expect(['2026-03-01', '2026-03-02', '2026-03-03'].map(keyOf)).toEqual(['local', 'local', 'k2']);
  const { keys, datasets } = await list();
  expect(keys.map(({ key_id, is_current, partitions }) => [key_id, is_current, partitions])).toEqual([
    ['k2', true, 1],
    ['local', false, 2],
  ]);
  expect(datasets).toEqual([
    {
      dataset: 'persons',
      ranges: [
        { key_id: 'local', from: '2026-03-01', to: '2026-03-02', partitions: 2 },
        { key_id: 'k2', from: '2026-03-03', to: '2026-03-03', partitions: 1 },
      ],
    },
  ]);
  const key = readFileSync(path, 'utf8').trim();
  const shown = await project.run('keys');
  expect(shown.stdout).toContain('tokens of different keys do not join');
  expect(shown.stdout).not.toContain(key);
  const status = await project.run('status', 'persons');
  expect(status.stdout).toContain('do not join');
});

it('marks the dates of a compromised key', async () => {
  await land('2026-03-01');
  await change('new', 'k2');
  await change('rotate', 'k2', '--reason', 'compromised');
  const marked = (await list()).keys.map(({ key_id, is_compromised }) => [key_id, is_compromised]);
  expect(marked).toEqual([
    ['k2', false],
    ['local', true],
  ]);
  expect((await project.run('keys')).stdout).toContain('compromised');
});

it('erased people stay away after a rotation', async () => {
  await land('2026-03-01');
  writeFileSync(join(project.dir, 'people.txt'), 'anna@example.org\n');
  const words = ['--dataset', 'persons', '--by', 'email_token', '--values', join(project.dir, 'people.txt')];
  expect(await project.run('forget', ...words, '--yes', '--quiet')).toMatchObject({ exit: 0 });
  await change('new', 'k2');
  await change('rotate', 'k2');
  await land('2026-03-02');
  expect(await project.run('receipts', 'verify')).toMatchObject({ exit: 0 });
  expect((await list()).keys.find(({ key_id }) => key_id === 'local')).toMatchObject({
    ...{ tombstones: 1, receipts: 1 },
  });
});

it('retires a key that nothing names any more', async () => {
  await change('new', 'k2');
  const { path } = await change('new', 'k3');
  await change('rotate', 'k2');
  await land('2026-03-01');
  await change('rotate', 'k3');
  expect(await refuse('retire', 'k2')).toContain('needed by 1 partition');
  expect(await refuse('retire', 'k3')).toContain('what lands now');
  await land('2026-03-01');
  expect(await change('retire', 'k2')).toMatchObject({ action: 'retired' });
  expect(existsSync(path)).toBe(true);
  expect((await list()).keys.map(({ key_id }) => key_id)).toEqual(['k3']);
  expect(await project.run('verify')).toMatchObject({ exit: 0 });
});

it('refuses what it cannot do, and says why', async () => {
  await change('new', 'k2');
  expect(await refuse('new', 'k2')).toContain('exists already');
  expect(await refuse('new', 'K 2')).toContain('a-z and 0-9');
  expect(await refuse('rotate', 'k9')).toContain('k2');
  expect(await refuse('retire', 'k9')).toContain('not found');
  expect(await refuse('rotate')).toContain('the id of the key is missing');
  await change('rotate', 'k2');
  expect(await refuse('rotate', 'k2')).toContain('masks already');
  process.env['TOKEN_KEY'] = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
  try {
    expect(await refuse('rotate', 'k2')).toContain('TOKEN_KEY names the key that masks');
  } finally {
    Reflect.deleteProperty(process.env, 'TOKEN_KEY');
  }
});
