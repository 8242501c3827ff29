import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createBarProgress } from '../../src/base/terminal/progress-bar.js';
import { createLineProgress } from '../../src/base/terminal/progress.js';

describe('progress as lines', () => {
  function follow() {
    const lines: string[] = [];
    let nowMs = 0;
    const progress = createLineProgress({ write: (text) => lines.push(text.trimEnd()) }, () => nowMs);
    const at = (ms: number, records: number): void => {
      nowMs = ms;
      progress.advance(records);
    };
    return { lines, progress, at };
  }

  it('prints at each tenth, but not more often than every two seconds, and at the end', () => {
    const { lines, progress, at } = follow();
    progress.start('persons', 10_000);
    at(500, 5_000);
    at(2_500, 1_000);
    at(2_600, 2_000);
    at(5_000, 100);
    progress.stop();
    expect(lines).toEqual([
      'persons: 60 % (6,000 of 10,000 records), 2,400 a second',
      'persons: 81 % (8,100 of 10,000 records), 1,620 a second',
      'persons: 8,100 records, 1,620 a second',
    ]);
  });

  it('says that it is alive every ten seconds, also without a total', () => {
    const { lines, progress, at } = follow();
    progress.start('persons', null);
    at(9_000, 1);
    at(10_000, 1);
    expect(lines).toEqual(['persons: 2 records, 0 a second']);
  });

  it('says nothing before a start and after a stop', () => {
    const { lines, progress, at } = follow();
    at(20_000, 1);
    progress.stop();
    expect(lines).toEqual([]);
  });
});

it('progress on a terminal shows records, rate and what remains', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  let nowMs = 0;
  const progress = createBarProgress(stream, () => nowMs);
  progress.start('persons', 30_000);
  nowMs = 1_000;
  progress.advance(15_000);
  progress.advance(15_000);
  progress.stop();
  const drawn = String(stream.read());
  expect(drawn).toContain('persons');
  expect(drawn).toContain('30,000 of 30,000 records, 30,000 a second');
});
