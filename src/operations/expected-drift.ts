import type { LandingColumn } from '../definition/definition.js';
import type { Drift } from '../record.js';

/**
 * Drift without what the definition says is to be expected: of several leaves that `first_present` chooses from, the
 * first is the field's name today, and the others are names that it had; that those are gone is no news while the
 * first is there. Pure.
 */
export function dropExpected(drift: readonly Drift[], landing: readonly LandingColumn[]): Drift[] {
  const missing = new Set(drift.filter(({ kind }) => kind === 'missing_field').map(({ path }) => path));
  const former = new Set(
    landing.flatMap(({ treatment, from: [today, ...others] }) =>
      treatment === 'first_present' && today !== undefined && !missing.has(today.path)
        ? others.map(({ path }) => path)
        : [],
    ),
  );
  return drift.filter(({ kind, path }) => kind !== 'missing_field' || !former.has(path));
}
