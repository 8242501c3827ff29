import { z } from 'zod';
import { defineTreatment, onlyInput } from '../treatment.js';

const params = z.strictObject({ length: z.int().min(1).max(32).describe('graphemes kept at the start') });

/** The first characters, if they are at most half of the value; else three stars. */
export const prefix = defineTreatment({
  name: 'prefix',
  isBlind: false,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params,
  isClosed: ({ length }) => length < 4,
  accepts: (type) => type === 'VARCHAR',
  outputType: () => 'VARCHAR',
  sql: (dialect, inputs, given) => {
    const { length } = given;
    const { sql } = onlyInput(inputs);
    const long = `${dialect.graphemes(sql)} >= ${2 * length}`;
    return `case when ${sql} is null then null when ${long} then ${dialect.first(sql, String(length))} else '***' end`;
  },
  shape: (dialect, column, given) => `${column} = '***' or ${dialect.graphemes(column)} <= ${given.length}`,
  reveals: () => 'the region',
});
