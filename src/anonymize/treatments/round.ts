import { z } from 'zod';
import type { Leaf } from '../../base/types/definition.js';
import { defineTreatment, onlyInput } from '../treatment.js';

const params = z.strictObject({
  decimals: z.int().min(-9).max(9).describe('decimals kept; −3 rounds to thousands'),
});

/** Rounded half away from zero; −0 becomes 0. One decimal of a coordinate is 11 km, two are a village. */
export const round = defineTreatment({
  name: 'round',
  isBlind: false,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params,
  accepts: (type) => type === 'DOUBLE' || type === 'BIGINT',
  outputType: () => 'DOUBLE',
  objection: (leaves, given) => {
    const { decimals } = given;
    const isWhole = (leaf: Leaf): boolean => leaf.type === 'BIGINT' || isPersonal(leaf);
    if (decimals >= 0 && leaves.some(isWhole))
      return { kind: 'review', why: 'rounding removes no digit, so the value itself remains' };
    return decimals > 1 && leaves.some(isCoordinate)
      ? { kind: 'review', why: 'coordinates with more than 1 decimal identify a street' }
      : null;
  },
  sql: (dialect, inputs, given) =>
    `${dialect.round(dialect.cast(onlyInput(inputs).sql, 'double'), given.decimals)} + 0.0`,
  shape: (dialect, column, given) =>
    `isfinite(${column}) and ${column} = ${dialect.round(column, given.decimals)}`,
  reveals: () => 'the neighbourhood',
});

/** A number of a person, such as a phone number that was sent as one. */
function isPersonal({ class: pii }: Leaf): boolean {
  return pii === 'direct' || pii === 'sensitive';
}

function isCoordinate(leaf: Leaf): boolean {
  return /^(lat|lon|lng)/i.test(leaf.segments.at(-1) ?? '');
}
