import type { Leaf } from './definition.js';
import type { TreatmentObjection } from './treatment-spec.js';

/** Treatments whose output is the value itself, or may be. */
const KEEPING = ['keep', 'first_present', 'sql'];

/**
 * A leaf may be kept only if it is neither direct nor sensitive, and bounded; any other needs a reviewer's reason. The
 * rule stands here, beside the treatments' own, so that no treatment can forget it.
 */
export function objectToKeeping(treatment: string, leaves: readonly Leaf[]): TreatmentObjection | null {
  if (!KEEPING.includes(treatment)) return null;
  for (const { class: pii, path, bound } of leaves) {
    if (pii === 'direct' || pii === 'sensitive')
      return { kind: 'review', why: `${path} is ${pii} and would be kept` };
    if (bound === null) {
      const bounds =
        'an enum, a date or uuid, an anchored finite pattern that no probe passes, or an integer range';
      return { kind: 'review', why: `${path} would be kept, but nothing bounds it (${bounds})` };
    }
  }
  return null;
}
