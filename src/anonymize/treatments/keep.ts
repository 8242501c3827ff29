import { z } from 'zod';
import { boundPredicate, onlyInput, type Treatment } from '../treatment.js';

/** The value as it is. The loader lets only bounded, not direct leaves come here, or reviewed ones. */
export const keep: Treatment = {
  name: 'keep',
  params: z.strictObject({}),
  inputs: { min: 1, max: 1 },
  accepts: () => true,
  outputType: (leaves) => leaves[0]?.type ?? 'VARCHAR',
  objection: () => null,
  sql: (dialect, inputs) => dialect.cast(onlyInput(inputs).sql, onlyInput(inputs).leaf.type),
  shape: (dialect, column, { from }) =>
    from.map((leaf) => boundPredicate(dialect, column, leaf)).join(' or '),
  reveals: () => 'the value',
};
