import { z } from 'zod';
import { onlyInput, type Treatment } from '../treatment.js';

const params = z.strictObject({ unit: z.enum(['month', 'year']).describe('what stays of the date') });

/** Start of the month or year. Dates 90 years before the partition's date and older are one value. */
export const truncateDate: Treatment = {
  name: 'truncate_date',
  params,
  inputs: { min: 1, max: 1 },
  accepts: (type) => type === 'DATE' || type === 'TIMESTAMPTZ',
  outputType: () => 'DATE',
  objection: () => null,
  sql: (dialect, inputs, given, bind) => {
    const { unit } = params.parse(given);
    const { sql, leaf } = onlyInput(inputs);
    const date = dialect.cast(dialect.cast(sql, leaf.type), 'date');
    const oldest = dialect.cast(`(${bind.date()} - interval 90 year)`, 'date');
    return `case when ${sql} is not null then greatest(${dialect.truncateDate(date, unit)}, ${dialect.truncateDate(oldest, unit)}) end`;
  },
  shape: (dialect, column, landing) =>
    `${column} = ${dialect.truncateDate(column, params.parse(landing.params).unit)}`,
  reveals: (given) => `the ${params.parse(given).unit}`,
};
