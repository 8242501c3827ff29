import type { DriftKind } from '../../src/base/types/run-record.js';
import type { ApiRecord } from '../persons/generations.js';
import { drawPattern, type Random } from './random.js';

export const DRIFTS = [
  'new_field',
  'missing_field',
  'changed_type',
  'new_enum_value',
] as const satisfies readonly DriftKind[];

const SHARE_OF_NEW_GENDER = 0.05;

/** Changes a record in place, in the ways in which an API changes without notice; each kind of drift has one. */
export function driftRecord(record: ApiRecord, drifts: readonly DriftKind[], random: Random): void {
  for (const drift of drifts) applyDrift(record, drift, random);
}

function applyDrift(record: ApiRecord, drift: DriftKind, random: Random): void {
  switch (drift) {
    case 'new_field':
      record['ssn'] = drawPattern(random, '!##-##-####');
      return;
    case 'missing_field':
      delete record['birthday'];
      return;
    case 'changed_type':
      record['phone'] = Number(String(record['phone']).slice(1));
      return;
    case 'new_enum_value':
      if (random() < SHARE_OF_NEW_GENDER) record['gender'] = 'nonbinary';
      return;
    default:
      drift satisfies never;
  }
}
