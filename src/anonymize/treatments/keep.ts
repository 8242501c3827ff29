import { z } from 'zod';
import { boundPredicate, defineTreatment, onlyInput } from '../treatment.js';

/** The value as it is. The loader lets only bounded, not direct leaves come here, or reviewed ones. */
export const keep = defineTreatment({
  name: 'keep',
  isBlind: false,
  keeps: 'always',
  isToken: false,
  neverKey: false,
  params: z.strictObject({}),
  accepts: () => true,
  outputType: (leaves) => leaves[0]?.type ?? 'VARCHAR',
  sql: (dialect, inputs) => dialect.cast(onlyInput(inputs).sql, onlyInput(inputs).leaf.type),
  shape: (dialect, column, _params, from) =>
    from.map((leaf) => boundPredicate(dialect, column, leaf)).join(' or '),
  reveals: () => 'the value',
});
