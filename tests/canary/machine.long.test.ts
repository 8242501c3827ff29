import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LakeveilError } from '../../src/base/errors.js';
import { tryLock } from '../../src/lake/lock.js';
import { LocalLake } from '../../src/lake/store.js';
import { run } from '../../src/pipeline.js';
import { makeCanaries } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { type CliEnd, copySandbox, makeSandbox, type Sandbox } from '../support/cli.js';
import { type Running, start } from '../support/kill-harness.js';
import { page, startStubApi, type StubApi } from '../support/stub-api.js';
import { readTree } from './lake-tree.js';
import { openHere, requestFor } from './open-here.js';
import { runHere } from './run-here.js';

const DATE = '2026-03-01';
const RECORDS = 1000;

let api: StubApi;
/** In it the date has landed with the seed `old`. */
let landed: Sandbox;
beforeAll(async () => {
  api = await startStubApi(({ query }) => {
    const from = (Number(query.get('_seed')) % 9000) * 1000;
    return page(makeCanaries(Number(query.get('_quantity')), from));
  });
  landed = await makeSandbox();
  expect((await landed.run(argsFor('old'))).exit).toBe(0);
});
afterAll(async () => {
  await api.close();
  await landed.remove();
});

/** A copy of the sandbox in which the date has landed. */
async function withOld(work: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await copySandbox(landed);
  try {
    await work(sandbox);
  } finally {
    await sandbox.remove();
  }
}

function argsFor(seed: string, records = RECORDS): string[] {
  const source = ['--source', api.url, '--records', String(records)];
  return ['run', '--date', DATE, '--seed', seed, ...source, '--json'];
}

/** The lake without its ledger, in which a failed run has an entry. */
async function readLake({ lake }: Sandbox): Promise<Record<string, string>> {
  const files = Object.entries(await readTree(lake));
  return Object.fromEntries(files.filter(([path]) => !/^(_runs|_staging)$|^_runs\//.test(path)));
}

type Ended = Pick<CliEnd, 'exit' | 'stdout' | 'stderr'>;

async function expectRefused(sandbox: Sandbox, end: Ended, code: string): Promise<void> {
  expect({ exit: end.exit, stdout: end.stdout }).toMatchObject({ exit: 6 });
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code, exit: 6 } });
  const outputs = { stdout: end.stdout, stderr: end.stderr };
  expect(await scanForCanaries([sandbox.root], outputs)).toEqual([]);
}

describe('a folder that cannot be written, because a file has its name', () => {
  it.each(['_staging', '_commits'])('data_lake/%s: exit 6 with the path, lake as before', async (name) => {
    await withOld(async (sandbox) => {
      const path = join(sandbox.lake, name);
      await rm(path, { recursive: true });
      await writeFile(path, '');
      const before = await readLake(sandbox);
      const end = await runHere(sandbox, argsFor('new'), { LOG_LEVEL: 'debug' });
      await expectRefused(sandbox, end, 'E_DISK');
      expect(end.stdout).toContain(sandbox.lake);
      expect(await readLake(sandbox)).toEqual(before);
      await rm(path);
      expect((await runHere(sandbox, argsFor('new'))).exit).toBe(0);
    });
  });

  it('data_lake: exit 6 before anything is asked of the source', async () => {
    const sandbox = await makeSandbox();
    try {
      await writeFile(sandbox.lake, 'not a folder');
      const asked = api.requests.length;
      await expectRefused(sandbox, await runHere(sandbox, argsFor('new')), 'E_DISK');
      expect(api.requests.length).toBe(asked);
    } finally {
      await sandbox.remove();
    }
  });
});

it('a warehouse that is no database: exit 6 with the path, the file untouched; moved away, all is well', async () => {
  await withOld(async (sandbox) => {
    const text = 'this is not a database '.repeat(1000);
    await writeFile(sandbox.database, text);
    const before = await readLake(sandbox);
    const asked = api.requests.length;
    const end = await runHere(sandbox, argsFor('new'), { LOG_LEVEL: 'debug' });
    await expectRefused(sandbox, end, 'E_NOT_A_DATABASE');
    expect(api.requests.length).toBe(asked);
    expect(end.stdout).toContain(sandbox.database);
    expect(await readFile(sandbox.database, 'utf8')).toBe(text);
    expect(await readLake(sandbox)).toEqual(before);
    await rename(sandbox.database, `${sandbox.database}.old`);
    expect((await runHere(sandbox, ['transform', '--all'])).exit).toBe(0);
    expect((await runHere(sandbox, ['report', '--json'])).exit).toBe(0);
  });
});

describe("the lake's lock in other hands", () => {
  it('a run waits, says so, and goes on when the lock is free', async () => {
    await withOld(async (sandbox) => {
      const lock = await tryLock(join(sandbox.lake, '_lock.duckdb'), 'a test');
      // Not the whole lake: a holder that reads the lock's file lets go of it.
      const raw = join(sandbox.lake, 'raw');
      const before = await readTree(raw);
      const running = start(sandbox.program(argsFor('new')));
      await saidOnStderr(running, 'a test');
      expect(await readTree(raw)).toEqual(before);
      await lock?.release();
      expect((await running.ended).code).toBe(0);
      expect(await readTree(raw)).not.toEqual(before);
    });
  });

  it('a run gives up in the end: exit 6, lake as before', async () => {
    await withOld(async (sandbox) => {
      const before = await readLake(sandbox);
      const lock = await tryLock(join(sandbox.lake, '_lock.duckdb'), 'a test');
      const project = await openHere(sandbox, {}, { RECORDS: String(RECORDS) });
      const waiting = { patienceMs: 200, sleep: () => Promise.resolve(), onWait: () => undefined };
      const lake = new LocalLake({
        root: sandbox.lake,
        waiting,
        onReceipt: () => Promise.resolve(),
        onDead: () => Promise.resolve(),
      });
      const request = requestFor({ date: DATE, seed: 'new', source: api.url });
      const error = await run({ ...project, lake }, request).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LakeveilError);
      expect(error).toMatchObject({ code: 'E_LOCKED', exit: 6 });
      await lock?.release();
      expect(await readLake(sandbox)).toEqual(before);
    });
  });
});

/** Resolves when a process has written `text` to stderr; rejects if it ends without. */
async function saidOnStderr({ child, ended }: Running, text: string): Promise<void> {
  let said = '';
  const heard = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(text)) resolve();
    });
  });
  const missed = ended.then(() => Promise.reject(new Error('the process ended before it said so')));
  await Promise.race([heard, missed]);
}

it('two runs of a date at once: one waits or gives up, and the date is one of the two', async () => {
  await withOld(async (sandbox) => {
    const seeds = ['left', 'right'];
    const ends = await Promise.all(seeds.map((seed) => sandbox.run(argsFor(seed, 2000))));
    expect(ends.some(({ exit }) => exit === 0)).toBe(true);
    const hashes: string[] = [];
    for (const { exit, stdout } of ends) {
      expect({ exit: exit === 0 || exit === 6, stdout }).toMatchObject({ exit: true });
      const document: unknown = JSON.parse(stdout);
      if (exit === 0) hashes.push(readHash(document));
    }
    const [file] = Object.entries(await readLake(sandbox)).filter(([path]) =>
      path.endsWith('persons.parquet'),
    );
    expect(hashes).toContain(file?.[1]);
    expect((await runHere(sandbox, ['verify'])).exit).toBe(0);
  });
});

function readHash(document: unknown): string {
  const [, hash] = /"sha256":"([0-9a-f]{64})"/.exec(JSON.stringify(document)) ?? [];
  return hash ?? 'no hash';
}

const CAN_MOUNT = tryMount();

/** A disk of a few MB is a tmpfs, which only root can mount. */
function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'lakeveil-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error('no small disk can be mounted here');
    console.warn('Not tried here: a full disk, since nothing can be mounted.');
    return false;
  } finally {
    rmdirSync(folder);
  }
}

describe.skipIf(!CAN_MOUNT)('a full disk', () => {
  /** Runs `work` where the date has landed, with a small disk in place of a folder, and what fills it. */
  async function withSmallDisk(
    folder: 'data_lake' | 'db',
    work: (sandbox: Sandbox, fill: (leaveBytes: number) => Promise<() => Promise<void>>) => Promise<void>,
  ): Promise<void> {
    const sandbox = await copySandbox(landed);
    const disk = join(sandbox.project, folder);
    const content = join(sandbox.root, 'content');
    await rename(disk, content);
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]);
    try {
      await cp(content, disk, { recursive: true });
      await rm(content, { recursive: true });
      await work(sandbox, async (leaveBytes) => {
        const { bavail, bsize } = await statfs(disk);
        const filler = join(disk, 'filler');
        await writeFile(filler, Buffer.alloc(bavail * bsize - leaveBytes));
        return () => rm(filler);
      });
    } finally {
      // Lazy, since DuckDB may let go of a file a moment after it was closed.
      execFileSync('umount', ['-l', disk]);
      await sandbox.remove();
    }
  }

  it.each([20_000, 400_000])(
    'while pages are staged (%i bytes left): exit 6, lake as before',
    async (left) => {
      await withSmallDisk('data_lake', async (sandbox, fill) => {
        const free = await fill(left);
        const before = await readLake(sandbox);
        const end = await sandbox.run(argsFor('new', 8000), { LOG_LEVEL: 'debug' });
        await expectRefused(sandbox, end, 'E_DISK');
        expect(await readLake(sandbox)).toEqual(before);
        await free();
        expect((await runHere(sandbox, argsFor('new'))).exit).toBe(0);
        expect((await runHere(sandbox, ['verify'])).exit).toBe(0);
      });
    },
  );

  it.each([0, 200_000])(
    'while tables are built (%i bytes left): exit 6, all else as before',
    async (bytes) => {
      await withSmallDisk('db', async (sandbox, fill) => {
        const before = await readFile(sandbox.database);
        const free = await fill(bytes);
        const end = await sandbox.run(argsFor('new'), { LOG_LEVEL: 'debug' });
        await expectRefused(sandbox, end, 'E_DISK');
        expect(before.equals(await readFile(sandbox.database))).toBe(true);
        await free();
        const left = Object.keys(await readTree(dirname(sandbox.database)));
        expect(left.filter((path) => !path.startsWith('.cache/'))).toEqual(['lake.duckdb']);
        expect((await runHere(sandbox, ['transform'])).exit).toBe(0);
        expect((await runHere(sandbox, ['verify'])).exit).toBe(0);
      });
    },
  );
});
