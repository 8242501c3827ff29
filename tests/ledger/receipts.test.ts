import { describe, expect, it } from 'vitest';
import { closeReceipt, counted, openReceipt, timed, timedSync } from '../../src/ledger/receipts.js';

const rows = { in: (page: number[]) => page.length, out: (kept: number[]) => kept.length };

function createClock() {
  let nowMs = 0;
  return { nowMs: () => nowMs, pass: (ms: number) => (nowMs += ms) };
}

describe('a timed stage', () => {
  it('gives what the stage gives, and adds rows and time up', async () => {
    const clock = createClock();
    const receipt = openReceipt('check', 'persons');
    const drop = timed(
      (page: number[]) => {
        clock.pass(10.4);
        return Promise.resolve(page.slice(1));
      },
      receipt,
      rows,
      clock.nowMs,
    );
    expect(await drop([1, 2, 3])).toEqual([2, 3]);
    await drop([4]);
    expect(closeReceipt(receipt)).toEqual({
      stage: 'check',
      dataset: 'persons',
      rows_in: 4,
      rows_out: 2,
      busy_ms: 21,
    });
  });

  it('counts what went in and the time when the stage fails, and fails as the stage does', async () => {
    const clock = createClock();
    const receipt = openReceipt('mask', null);
    const error = new Error('x');
    const stage = timed(
      (page: number[]): Promise<number[]> => {
        clock.pass(page.length);
        return Promise.reject(error);
      },
      receipt,
      rows,
      clock.nowMs,
    );
    await expect(stage([1, 2])).rejects.toBe(error);
    expect(receipt).toMatchObject({ rows_in: 2, rows_out: 0, busy_ms: 2 });
  });

  it('counts the time of calls under way up to the moment at which one looks', async () => {
    const clock = createClock();
    const receipt = openReceipt('land', null);
    let end: (kept: number[]) => void = () => undefined;
    const stage = timed(
      () => new Promise<number[]>((resolve) => (end = resolve)),
      receipt,
      rows,
      clock.nowMs,
    );
    const working = stage([1, 2]);
    clock.pass(7);
    expect(closeReceipt(receipt, clock.nowMs)).toMatchObject({ rows_in: 2, rows_out: 0, busy_ms: 7 });
    end([1]);
    await working;
    clock.pass(100);
    expect(closeReceipt(receipt, clock.nowMs)).toMatchObject({ rows_in: 2, rows_out: 1, busy_ms: 7 });
  });

  it('that hands on piece by piece has what came, also where the next one fails', async () => {
    const receipt = openReceipt('fetch', 'persons');
    const { each, onBusy } = counted(
      (page: number[]) => (page.length > 1 ? Promise.reject(new Error('x')) : Promise.resolve()),
      receipt,
      (page) => page.length,
    );
    onBusy(3);
    await each([1]);
    await expect(each([2, 3])).rejects.toThrow('x');
    expect(closeReceipt(receipt)).toMatchObject({ rows_in: 3, rows_out: 3, busy_ms: 3 });
  });

  it('has never had less than no time, though a clock be put back', () => {
    const receipt = openReceipt('fetch', null);
    receipt.busy_ms = -5;
    expect(closeReceipt(receipt).busy_ms).toBe(0);
  });

  it('can be one that waits for nothing', () => {
    const clock = createClock();
    const receipt = openReceipt('check', null);
    const stage = timedSync((page: number[]) => (clock.pass(3), page), receipt, rows, clock.nowMs);
    expect(stage([1])).toEqual([1]);
    expect(receipt).toMatchObject({ rows_in: 1, rows_out: 1, busy_ms: 3 });
  });
});
