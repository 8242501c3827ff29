import { createHash } from 'node:crypto';

/** Uniform in [0, 1), the same sequence in every process for the same seed. */
export type Random = () => number;

/**
 * A small generator whose whole state is the SHA-256 of `seed`. The step is sfc32 of PractRand (Chris Doty-Humphrey,
 * public domain): a period of at least 2^32, and 10 ns a draw where a keyed one would take 1 µs.
 */
export function createRandom(seed: string): Random {
  const state = createHash('sha256').update(seed).digest();
  let a = state.readInt32LE(0);
  let b = state.readInt32LE(4);
  let c = state.readInt32LE(8);
  let counter = state.readInt32LE(12);
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}

/** An integer in [0, below). */
export function drawInteger(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** One of a list, each as likely as the other; a list without entries is a RangeError. */
export function drawFrom<T>(random: Random, list: readonly T[]): T {
  const drawn = list[drawInteger(random, list.length)];
  if (drawn === undefined) throw new RangeError('nothing to draw from');
  return drawn;
}

/** Fills a pattern: `#` a digit, `!` a digit from 2 to 9, `?` a capital letter; the rest stays. */
export function drawPattern(random: Random, pattern: string): string {
  let text = '';
  for (const mark of pattern) {
    if (mark === '#') text += String(drawInteger(random, 10));
    else if (mark === '!') text += String(2 + drawInteger(random, 8));
    else if (mark === '?') text += String.fromCharCode(65 + drawInteger(random, 26));
    else text += mark;
  }
  return text;
}

/** A list to draw from where each value stands as often as its whole weight says. */
export function spreadByWeight<T>(weighted: Iterable<readonly [value: T, weight: number]>): readonly T[] {
  return [...weighted].flatMap(([value, weight]) => Array.from({ length: weight }, () => value));
}
