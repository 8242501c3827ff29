import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../commands/cli/base.js', import.meta.url).href;

/** A process that works for a second, stops a while after an abort, and says why. */
const WORK = `
  import { watchSignals } from ${JSON.stringify(MODULE)};
  import { setTimeout as wait } from 'node:timers/promises';
  const watch = watchSignals(() => console.log('stopping'));
  console.log('up');
  await wait(4000, undefined, { signal: watch.signal }).catch(() => {});
  await wait(Number(process.argv[1]));
  console.log(watch.signal.reason?.code ?? 'done');
  process.exitCode = watch.signal.reason?.exit ?? 0;
  watch.release();
`;

async function interrupt(signals: readonly NodeJS.Signals[], windUpMs: number) {
  const args = ['--import', 'tsx', '--input-type=module', '-e', WORK, String(windUpMs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
      resolve();
    });
  });
  for (const signal of signals) {
    child.kill(signal);
    await wait(100);
  }
  return { code: await closed, lines: stdout.trim().split('\n') };
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 'E_INTERRUPTED', 130],
    ['SIGTERM', 'E_TERMINATED', 143],
  ] as const)('%s lets the work stop by itself: %s, exit %i', async (signal, reason, code) => {
    expect(await interrupt([signal], 0)).toEqual({ code, lines: ['up', 'stopping', reason] });
  });

  it('Ctrl-C, given again, ends at once', async () => {
    expect(await interrupt(['SIGINT', 'SIGINT'], 3000)).toEqual({ code: 130, lines: ['up', 'stopping'] });
  });

  it('SIGTERM, given again, still lets the work stop', async () => {
    expect(await interrupt(['SIGTERM', 'SIGTERM'], 300)).toEqual({
      code: 143,
      lines: ['up', 'stopping', 'E_TERMINATED'],
    });
  });
});
