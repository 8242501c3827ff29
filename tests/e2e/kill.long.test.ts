import { expect, it } from 'vitest';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { killAtRandom, seedRandom, start } from '../support/kill-harness.js';
import { DEBUG, type Hashes, hashPartition, listLeftovers, useHeldSource } from './interrupted-runs.js';

const KILLS = 25;
/** Two lakes side by side, one for each core. */
const LANES = 2;

const source = useHeldSource(3000);

it(`killed at ${KILLS} random moments: whole or absent, then healed to the same bytes`, async () => {
  const lanes = Array.from({ length: LANES }, (_, lane) => killAgainAndAgain(lane));
  const outcomes = (await Promise.all(lanes)).flat();
  expect(outcomes).toHaveLength(KILLS);
  // Many of the moments must have hit a run under way, or nothing was tried.
  expect(outcomes.filter((wasKilled) => wasKilled).length).toBeGreaterThan(KILLS / 3);
});

/** Kills runs that replace what is there by other content, in turns. @returns whether each was killed */
async function killAgainAndAgain(lane: number): Promise<boolean[]> {
  const sandbox = await makeSandbox();
  const random = seedRandom(4711 + lane);
  const outcomes: boolean[] = [];
  try {
    const undisturbed = await landBoth(sandbox);
    let withinMs = undisturbed.longestMs;
    for (let kill = lane; kill < KILLS; kill += LANES) {
      const seed = outcomes.length % 2 === 0 ? 'old' : 'new';
      const startedMs = performance.now();
      const ended = await killAtRandom(sandbox.program(source.argsFor(seed), DEBUG), { random, withinMs });
      const wasKilled = ended.signal === 'SIGKILL';
      // The machine was busier when it was measured.
      if (!wasKilled) withinMs = Math.min(withinMs, performance.now() - startedMs);
      outcomes.push(wasKilled);
      await source.expectHealed(sandbox, seed, undisturbed.hashes, `kill ${kill} after ${ended.afterMs} ms`);
      const output = { stdout: ended.stdout, stderr: ended.stderr };
      expect((await scanForCanaries([], output)).slice(0, 1)).toEqual([]);
    }
    const { exit, stdout } = await sandbox.run(['verify', '--json']);
    expect({ exit, stdout }).toMatchObject({ exit: 0 });
    return outcomes;
  } finally {
    await sandbox.remove();
  }
}

/** What an undisturbed run lands for either seed, and how long the slower one took; `new` is there at the end. */
async function landBoth(sandbox: Sandbox): Promise<{ hashes: Hashes; longestMs: number }> {
  const hashes: Record<string, string> = {};
  let longestMs = 0;
  for (const seed of ['old', 'new']) {
    const startedMs = performance.now();
    const { exit, stderr } = await sandbox.run(source.argsFor(seed));
    expect({ exit, stderr }).toMatchObject({ exit: 0 });
    longestMs = Math.max(longestMs, performance.now() - startedMs);
    hashes[seed] = await hashPartition(sandbox);
  }
  expect(hashes['old']).not.toBe(hashes['new']);
  return { hashes, longestMs };
}

it('SIGINT and SIGTERM at random moments: whole or absent', async () => {
  const sandbox = await makeSandbox();
  const random = seedRandom(130);
  try {
    const { hashes, longestMs } = await landBoth(sandbox);
    const moments = [
      ['SIGINT', 'old'],
      ['SIGTERM', 'new'],
      ['SIGINT', 'old'],
      ['SIGTERM', 'new'],
    ] as const;
    for (const [signal, seed] of moments) {
      const asked = source.requests().length;
      const running = start(sandbox.program(source.argsFor(seed), DEBUG));
      // Node itself ends a process at a signal for which nobody is there yet.
      await expect.poll(() => source.requests().length).toBeGreaterThan(asked);
      const timer = setTimeout(() => running.child.kill(signal), random() * longestMs);
      const ended = await running.ended;
      clearTimeout(timer);
      expect([0, signal === 'SIGINT' ? 130 : 143]).toContain(ended.code);
      expect(Object.values(hashes)).toContain(await hashPartition(sandbox));
      expect(await listLeftovers(sandbox)).toEqual([]);
    }
    expect((await sandbox.run(['verify'])).exit).toBe(0);
  } finally {
    await sandbox.remove();
  }
});
