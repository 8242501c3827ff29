import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../commands/cli/base.ts', import.meta.url).href;

/** A process that works until an abort, stops when its input ends, and says why. */
const WORK = `
  import { watchSignals } from ${JSON.stringify(MODULE)};
  import { setTimeout as wait } from 'node:timers/promises';
  const inputEnds = new Promise((resolve) => process.stdin.resume().on('end', resolve));
  const watch = watchSignals(() => console.log('stopping'));
  console.log('up');
  await wait(3_600_000, undefined, { signal: watch.signal }).catch(() => {});
  await inputEnds;
  console.log(watch.signal.reason?.code ?? 'done');
  process.exitCode = watch.signal.reason?.exit ?? 0;
  watch.release();
`;

/** Sends each signal when the one before has been noticed; the work may stop after the last unless it has to be ended. */
async function interrupt(signals: readonly NodeJS.Signals[], mayStop = true) {
  const args = ['--import', 'tsx', '--input-type=module', '-e', WORK];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  await expect.poll(() => stdout).toContain('up');
  for (const [index, signal] of signals.entries()) {
    child.kill(signal);
    if (index === 0) await expect.poll(() => stdout).toContain('stopping');
  }
  if (mayStop) child.stdin.end();
  return { code: await closed, lines: stdout.trim().split('\n') };
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 'E_INTERRUPTED', 130],
    ['SIGTERM', 'E_TERMINATED', 143],
  ] as const)('%s lets the work stop by itself: %s, exit %i', async (signal, reason, code) => {
    expect(await interrupt([signal])).toEqual({ code, lines: ['up', 'stopping', reason] });
  });

  it('Ctrl-C, given again, ends at once', async () => {
    expect(await interrupt(['SIGINT', 'SIGINT'], false)).toEqual({ code: 130, lines: ['up', 'stopping'] });
  });

  it('SIGTERM, given again, still lets the work stop', async () => {
    expect(await interrupt(['SIGTERM', 'SIGTERM'])).toEqual({
      code: 143,
      lines: ['up', 'stopping', 'E_TERMINATED'],
    });
  });
});
