import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTree } from '../canary/lake-tree.js';
import { scanForCanaries } from '../support/canary.js';
import { copySandbox, makeSandbox, type Sandbox } from '../support/cli.js';
import { type Ended, start } from '../support/kill-harness.js';
import {
  DEBUG,
  findRaw,
  type Hashes,
  hashPartition,
  listLeftovers,
  useHeldSource,
} from './interrupted-runs.js';

const source = useHeldSource(1200);
const WORKERS = ['--workers', '2'];

/** In one the date has landed with the seed `old`, in the other with `new` on top of it, by one process. */
let landed: Sandbox;
let hashes: Hashes;

beforeAll(async () => {
  landed = await makeSandbox();
  expect((await landed.run(source.argsFor('old'))).exit).toBe(0);
  const both = await copySandbox(landed);
  expect((await both.run(source.argsFor('new'))).exit).toBe(0);
  hashes = { old: await hashPartition(landed), new: await hashPartition(both) };
  await both.remove();
});
afterAll(async () => {
  await landed.remove();
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Processes that a process has started. */
function listChildren(pid: number | undefined): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)])
      .toString()
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return [];
  }
}

/** Starts a run with two workers, and sends it a signal while both wait for their page. */
async function signalInTheFetch(
  sandbox: Sandbox,
  signal: NodeJS.Signals,
): Promise<Ended & { readonly workers: readonly number[] }> {
  const asked = source.requests().length;
  const open = source.hold();
  try {
    const running = start(sandbox.program([...source.argsFor('new'), ...WORKERS, '--json'], DEBUG));
    await expect.poll(() => source.requests().length, { timeout: 20_000 }).toBe(asked + 2);
    const workers = listChildren(running.child.pid);
    expect(workers).toHaveLength(2);
    running.child.kill(signal);
    const ended = await running.ended;
    await expect.poll(() => workers.filter(isAlive)).toEqual([]);
    return { ...ended, workers };
  } finally {
    open();
  }
}

async function inCopy(work: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await copySandbox(landed);
  try {
    await work(sandbox);
  } finally {
    await sandbox.remove();
  }
}

it('two workers land the bytes of one, and leave no raw value anywhere', async () => {
  await inCopy(async (sandbox) => {
    const ended = await sandbox.run([...source.argsFor('new'), ...WORKERS]);
    expect(ended.exit).toBe(0);
    expect(await hashPartition(sandbox)).toBe(hashes['new']);
    expect(await scanForCanaries([sandbox.root], ended)).toEqual([]);
    expect(await listLeftovers(sandbox)).toEqual([]);
  });
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops the workers too, and the lake is unchanged', async (signal, exit) => {
  await inCopy(async (sandbox) => {
    const before = await readTree(sandbox.lake);
    const ended = await signalInTheFetch(sandbox, signal);
    expect(ended.code).toBe(exit);
    const after = await readTree(sandbox.lake);
    const added = Object.keys(after).filter((path) => !(path in before));
    expect(added.filter((path) => !path.startsWith('_runs/'))).toEqual([]);
    expect(await hashPartition(sandbox)).toBe(hashes['old']);
    expect(await listLeftovers(sandbox)).toEqual([]);
    expect(await findRaw(sandbox)).toEqual([]);
  });
});

it('workers of a run that is killed end, and the next run lands the same bytes', async () => {
  await inCopy(async (sandbox) => {
    const { signal, stdout, stderr } = await signalInTheFetch(sandbox, 'SIGKILL');
    expect(signal).toBe('SIGKILL');
    expect(await scanForCanaries([], { stdout, stderr })).toEqual([]);
    expect(await hashPartition(sandbox)).toBe(hashes['old']);
    await source.expectHealed(sandbox, 'new', hashes, 'in the fetch');
  });
});
