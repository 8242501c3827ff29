import { createHash } from 'node:crypto';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { Treatment } from './treatment.js';
import { TREATMENTS } from './treatments/registry.js';

/** Hex digest of what was decided for a dataset, without any SQL. */
export function hashPolicy(
  dataset: DatasetDefinition,
  treatments: ReadonlyMap<string, Treatment> = TREATMENTS,
): string {
  const decisions = {
    landing: dataset.landing.map(({ name, from, part, each, treatment, params, type, reviewed }) => {
      const leaves = from.map(({ path, class: pii, bound }) => ({ path, pii, bound }));
      const facts = treatments.get(treatment)?.facts(params);
      // A column without a part or a list keeps the digest it had before they were introduced.
      return {
        name,
        leaves,
        part: part ?? undefined,
        each: each || undefined,
        treatment,
        params,
        facts,
        type,
        reviewed,
      };
    }),
    drop: [...dataset.drop].sort(),
    primaryKey: dataset.primaryKey,
    onDuplicate: dataset.onDuplicate,
  };
  return createHash('sha256').update(JSON.stringify(decisions)).digest('hex');
}
