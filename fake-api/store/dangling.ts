import { drawInteger, type Random } from '../server/random.js';

/** References to what there is not, at a small known rate, so that checks have something to find. */

/** Ids from here on, a thousand of them, belong to nobody and to nothing. */
export const DANGLING_FROM = 900_000;
export const SHARE_DANGLING = 0.005;

export function isDangling(random: Random): boolean {
  return random() < SHARE_DANGLING;
}

export function drawDangling(random: Random): number {
  return DANGLING_FROM + drawInteger(random, 1_000);
}
