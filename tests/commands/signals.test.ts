import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
async function interrupt(
  signals: readonly NodeJS.Signals[],
  { mayStop = true, hangs = false }: { mayStop?: boolean; hangs?: boolean } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'lakeveil-signals-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const hang = `import { readFile } from 'node:fs'; readFile(${JSON.stringify(pipe)}, () => {});`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', hangs ? `${hang}\n${WORK}` : WORK];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  const closed = new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, by) => {
      rmSync(folder, { recursive: true });
      resolve({ code, by });
    }),
  );
  await expect.poll(() => stdout).toContain('up');
  for (const [index, signal] of signals.entries()) {
    child.kill(signal);
    if (index === 0) await expect.poll(() => stdout).toContain('stopping');
  }
  if (mayStop) child.stdin.end();
  return { ...(await closed), lines: stdout.trim().split('\n') };
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 'E_INTERRUPTED', 130],
    ['SIGTERM', 'E_TERMINATED', 143],
  ] as const)('%s lets the work stop by itself: %s, exit %i', async (signal, reason, code) => {
    expect(await interrupt([signal])).toEqual({ code, by: null, lines: ['up', 'stopping', reason] });
  });

  it.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
    ['SIGINT', 'SIGTERM'],
  ] as const)('%s and then %s ends at once, also where a read hangs', async (first, second) => {
    const { code, by, lines } = await interrupt([first, second], { mayStop: false, hangs: true });
    // A shell calls this 130 and 143.
    expect([code, by]).toEqual([null, second]);
    expect(lines).toEqual(['up', 'stopping']);
  });
});
