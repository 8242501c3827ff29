import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** In one the date has landed with the seed `old`, in the other with `new` on top of it. */
let landed: Sandbox;
let both: Sandbox;
let hashes: Hashes;

beforeAll(async () => {
  landed = await makeSandbox();
  expect((await landed.run(source.argsFor('old'))).exit).toBe(0);
  both = await copySandbox(landed);
  expect((await both.run(source.argsFor('new'))).exit).toBe(0);
  hashes = { old: await hashPartition(landed), new: await hashPartition(both) };
  expect(hashes['old']).not.toBe(hashes['new']);
});
afterAll(async () => {
  await both.remove();
  await landed.remove();
});

/** Starts a run that would land `new`, and sends it a signal while its source is silent. */
async function signalInTheFetch(sandbox: Sandbox, signal: NodeJS.Signals): Promise<Ended> {
  const asked = source.requests().length;
  const open = source.hold();
  try {
    const running = start(sandbox.program([...source.argsFor('new'), '--json'], DEBUG));
    await expect.poll(() => source.requests().length).toBeGreaterThan(asked);
    running.child.kill(signal);
    return await running.ended;
  } finally {
    open();
  }
}

describe.each([
  ['SIGINT', 130, 'E_INTERRUPTED'],
  ['SIGTERM', 143, 'E_TERMINATED'],
] as const)('%s', (signal, exit, code) => {
  it('in the middle of a fetch: stops at once, the lake is as it was, nothing is left over', async () => {
    const sandbox = await copySandbox(landed);
    try {
      const before = await readTree(sandbox.lake);
      const ended = await signalInTheFetch(sandbox, signal);
      expect(ended.code).toBe(exit);
      expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code, exit } });
      const after = await readTree(sandbox.lake);
      const ledger = Object.keys(after).filter((path) => path.startsWith('_runs/') && !(path in before));
      expect(ledger).toHaveLength(1);
      expect(JSON.parse(await readFile(join(sandbox.lake, ledger[0] ?? ''), 'utf8'))).toMatchObject({
        status: 'interrupted',
      });
      expect({ ...after, [ledger[0] ?? '']: undefined }).toEqual({ ...before, [ledger[0] ?? '']: undefined });
      expect(await listLeftovers(sandbox)).toEqual([]);
      expect(await findRaw(sandbox)).toEqual([]);
    } finally {
      await sandbox.remove();
    }
  });
});

it('SIGKILL in the middle of a fetch: the lake is as it was, and the next run lands the same bytes', async () => {
  const sandbox = await copySandbox(landed);
  try {
    const { signal, stdout, stderr } = await signalInTheFetch(sandbox, 'SIGKILL');
    expect(signal).toBe('SIGKILL');
    expect(await scanForCanaries([], { stdout, stderr })).toEqual([]);
    expect(await hashPartition(sandbox)).toBe(hashes['old']);
    await source.expectHealed(sandbox, 'new', hashes, 'in the fetch');
  } finally {
    await sandbox.remove();
  }
});
