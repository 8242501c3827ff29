import { compileMoment } from '../base/dates/moments.js';
import type { FoundLeaf } from './collect-leaves.js';
import type { Form } from './leaf-form.js';
import type { Kind } from './name-kinds.js';

/** How a contract reads dates and moments that are not RFC 3339. */
export interface ReadMoment {
  readonly schema: Readonly<Record<string, string>>;
  readonly question: string | null;
}

/** Epochs from 1973 to 2096. */
const SECONDS = { least: 1e8, most: 4e9 };

/** Null if the leaf is no moment by its name and values, or is written as RFC 3339 has it. */
export function findMoment({ values }: FoundLeaf, form: Form, kind: Kind | null): ReadMoment | null {
  if (kind !== 'moment') return null;
  if (form === 'integer') return findEpoch(values.map(Number));
  if (form !== 'text') return null;
  const reads = (timeZone: string | null): boolean => {
    const read = compileMoment({ kind: 'date-time', format: 'iso', timeZone });
    return values.every((value) => read(value) !== null);
  };
  const iso = { type: 'string', format: 'date-time', 'x-format': 'iso' };
  if (reads(null)) return { schema: iso, question: null };
  const question = 'which time zone is it in? Write its name as `x-timezone`, such as Europe/Berlin.';
  return reads('UTC') ? { schema: { ...iso, 'x-timezone': 'UTC' }, question } : null;
}

function findEpoch(values: readonly number[]): ReadMoment | null {
  const fits = (factor: number): boolean =>
    values.every((value) => value >= SECONDS.least * factor && value <= SECONDS.most * factor);
  if (fits(1)) return { schema: { type: 'integer', 'x-format': 'epoch' }, question: null };
  return fits(1_000) ? { schema: { type: 'integer', 'x-format': 'epoch_ms' }, question: null } : null;
}
