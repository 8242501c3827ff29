import { z } from 'zod';
import { boundPredicate, defineTreatment, isClosedLeaf, onlyInput } from '../treatment.js';

/** The unchanged value. Only a bounded leaf that is not direct may be kept, or a reviewed one. */
export const keep = defineTreatment({
  name: 'keep',
  isBlind: false,
  keeps: 'always',
  isToken: false,
  neverKey: false,
  params: z.strictObject({}),
  isClosed: (_params, leaves) => leaves.every(isClosedLeaf),
  accepts: () => true,
  outputType: (leaves) => leaves[0]?.type ?? 'VARCHAR',
  sql: (dialect, inputs) => dialect.cast(onlyInput(inputs).sql, onlyInput(inputs).leaf.type),
  shape: (dialect, column, _params, from) =>
    from.map((leaf) => boundPredicate(dialect, column, leaf)).join(' or '),
  reveals: () => 'the value',
});
