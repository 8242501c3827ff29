import { describe, expect, it } from 'vitest';
import { StageMeter } from '../../src/ledger/stage-meter.js';

function createClock() {
  let nowMs = 0;
  return { nowMs: () => nowMs, pass: (ms: number) => (nowMs += ms) };
}

const kept = (rows: readonly number[]) => rows.length;

describe('a stage meter', () => {
  it('returns what the stage returns, and adds rows and time up', async () => {
    const clock = createClock();
    const meter = new StageMeter('check', 'persons', clock.nowMs);
    const drop = (page: number[]) =>
      meter.run({ in: page.length, out: kept }, () => {
        clock.pass(10.4);
        return Promise.resolve(page.slice(1));
      });
    expect(await drop([1, 2, 3])).toEqual([2, 3]);
    await drop([4]);
    expect(meter.read()).toEqual({
      stage: 'check',
      dataset: 'persons',
      rows_in: 4,
      rows_out: 2,
      busy_ms: 21,
    });
  });

  it('counts what went in and the time when the stage fails, and fails as the stage does', async () => {
    const clock = createClock();
    const meter = new StageMeter('mask', null, clock.nowMs);
    const error = new Error('x');
    const failing = meter.run({ in: 2, out: kept }, () => {
      clock.pass(2);
      return Promise.reject<number[]>(error);
    });
    await expect(failing).rejects.toBe(error);
    expect(meter.read()).toMatchObject({ rows_in: 2, rows_out: 0, busy_ms: 2 });
  });

  it('counts the time of open calls up to the moment of reading', async () => {
    const clock = createClock();
    const meter = new StageMeter('land', null, clock.nowMs);
    let end: (rows: number[]) => void = () => undefined;
    const working = meter.run(
      { in: 2, out: kept },
      () => new Promise<number[]>((resolve) => (end = resolve)),
    );
    clock.pass(7);
    expect(meter.read()).toMatchObject({ rows_in: 2, rows_out: 0, busy_ms: 7 });
    end([1]);
    await working;
    clock.pass(100);
    expect(meter.read()).toMatchObject({ rows_in: 2, rows_out: 1, busy_ms: 7 });
  });

  it('adds rows and time of a stage that passes rows on piece by piece', () => {
    const meter = new StageMeter('fetch', 'persons');
    meter.addTime(3);
    meter.addRows(1);
    meter.addRows(2);
    expect(meter.read()).toMatchObject({ rows_in: 3, rows_out: 3, busy_ms: 3 });
  });

  it('never reports less than no time, even if a clock is set back', () => {
    const meter = new StageMeter('fetch', null);
    meter.addTime(-5);
    expect(meter.read().busy_ms).toBe(0);
  });

  it('measures a stage that waits for nothing', () => {
    const clock = createClock();
    const meter = new StageMeter('check', null, clock.nowMs);
    expect(meter.runSync({ in: 1, out: kept }, () => (clock.pass(3), [1]))).toEqual([1]);
    expect(meter.read()).toMatchObject({ rows_in: 1, rows_out: 1, busy_ms: 3 });
  });
});
