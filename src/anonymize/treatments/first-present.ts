import { z } from 'zod';
import { boundPredicate, defineTreatment, isClosedLeaf } from '../treatment.js';

/** The first of several bounded leaves that is not null, for a field that changed its name over the years. */
export const firstPresent = defineTreatment({
  name: 'first_present',
  isBlind: false,
  keeps: 'always',
  isToken: false,
  neverKey: false,
  params: z.strictObject({}),
  inputs: { min: 2, max: 8 },
  isClosed: (_params, leaves) => leaves.every(isClosedLeaf),
  accepts: () => true,
  outputType: (leaves) => leaves[0]?.type ?? 'VARCHAR',
  objection: (leaves) =>
    leaves.every((leaf) => leaf.type === leaves[0]?.type)
      ? null
      : { kind: 'refuse', why: 'its leaves differ in type' },
  sql: (dialect, inputs) =>
    `coalesce(${inputs.map(({ sql, leaf }) => dialect.cast(sql, leaf.type)).join(', ')})`,
  shape: (dialect, column, _params, from) =>
    from.map((leaf) => `(${boundPredicate(dialect, column, leaf)})`).join(' or '),
  reveals: () => 'the value',
});
