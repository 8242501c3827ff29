import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanStaging, openStaging } from '../../src/lake/staging.js';
import { kill, type Running, scriptArgs, start } from '../support/kill-harness.js';
import { impatient, listNames, makeTempFolder, removeTempFolders } from './lake-fixture.js';

let root = '';
const running: Running[] = [];

beforeEach(async () => {
  root = await makeTempFolder();
  dead.length = 0;
});
afterEach(async () => {
  for (const child of running.splice(0)) await kill(child);
});
afterAll(removeTempFolders);

/** Names of dead runs as they were told of. */
const dead: string[] = [];
const sweep = () =>
  cleanStaging(root, (name) => {
    dead.push(name);
    return Promise.resolve();
  });

/** A process of its own that has a staging folder with a file in it. */
async function stageElsewhere(name: string): Promise<Running> {
  const child = start({ args: scriptArgs('lock-child.ts', { what: 'staging', path: root, name }) });
  running.push(child);
  expect(await child.nextLine()).toBe('held');
  await writeFile(join(root, '_staging', name, 'segment.parquet'), 'rows');
  return child;
}

describe('a staging folder', () => {
  it('is its run’s own, and gone with all that is in it when closed', async () => {
    const staging = await openStaging(root, 'run1', impatient);
    expect(staging).toMatchObject({ name: 'run1', dir: join(root, '_staging', 'run1') });
    await writeFile(join(staging.dir, 'segment.parquet'), 'rows');
    await staging.close();
    expect(await listNames(root, '_staging')).toEqual([]);
  });

  it('is had once', async () => {
    const staging = await openStaging(root, 'run1', impatient);
    await expect(openStaging(root, 'run1', impatient)).rejects.toMatchObject({ code: 'E_LOCKED' });
    await staging.close();
  });

  it('is not made behind a link', async () => {
    await symlink(await makeTempFolder(), join(root, '_staging'));
    await expect(openStaging(root, 'run1', impatient)).rejects.toMatchObject({ code: 'E_LAKE_DAMAGED' });
    await expect(sweep()).rejects.toMatchObject({ code: 'E_LAKE_DAMAGED' });
  });
});

describe('sweeping', () => {
  it('leaves the folders of live runs, here and elsewhere, and removes those of killed ones', async () => {
    const here = await openStaging(root, 'here', impatient);
    await stageElsewhere('live');
    await kill(await stageElsewhere('dead'));
    expect(await sweep()).toEqual(['dead']);
    expect(dead).toEqual(['dead']);
    const names = await listNames(root, '_staging');
    expect(names.filter((name) => !name.includes('.'))).toEqual(['here', 'live']);
    expect(names.filter((name) => name.startsWith('dead'))).toEqual([]);
    expect(await listNames(root, '_staging/live')).toEqual(['segment.parquet']);
    await here.close();
  });

  it('removes what a run left that was killed while it took or gave up its folder', async () => {
    await mkdir(join(root, '_staging', 'without_lock'), { recursive: true });
    const lock = await openStaging(root, 'without_folder', impatient);
    await lock.close();
    await writeFile(join(root, '_staging', 'without_folder.lock.duckdb.0123456789ab.tmp'), '');
    expect(await sweep()).toEqual(['without_folder', 'without_lock']);
    expect(await listNames(root, '_staging')).toEqual([]);
  });

  it('finds a run again that could not be told of', async () => {
    await mkdir(join(root, '_staging', 'dead'), { recursive: true });
    const full = () => Promise.reject(new Error('full'));
    await expect(cleanStaging(root, full)).rejects.toThrow('full');
    expect(await listNames(root, '_staging')).toEqual(['dead.lock.duckdb']);
    expect(await sweep()).toEqual(['dead']);
    expect(await listNames(root, '_staging')).toEqual([]);
  });

  it('finds a run that left its lock because the ledger has no end of it', async () => {
    const staging = await openStaging(root, 'untold', impatient);
    await staging.abandon();
    expect(await sweep()).toEqual(['untold']);
    expect(await listNames(root, '_staging')).toEqual([]);
  });

  it('finds nothing in a lake that never staged anything', async () => {
    expect(await sweep()).toEqual([]);
    expect(await listNames(root, '.')).toEqual([]);
  });
});
