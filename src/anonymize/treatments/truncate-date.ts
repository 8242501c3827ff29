import { z } from 'zod';
import { defineTreatment, onlyInput } from '../treatment.js';

const params = z.strictObject({ unit: z.enum(['month', 'year']).describe('what stays of the date') });

/** The first day of the month or year. All dates 90 years or more before the landing date become one value. */
export const truncateDate = defineTreatment({
  name: 'truncate_date',
  isBlind: false,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params,
  accepts: (type) => type === 'DATE' || type === 'TIMESTAMPTZ',
  outputType: () => 'DATE',
  sql: (dialect, inputs, given, bind) => {
    const { unit } = given;
    const { sql, leaf } = onlyInput(inputs);
    const date = dialect.cast(dialect.cast(sql, leaf.type), 'date');
    const oldest = dialect.cast(`(${bind.date()} - interval 90 year)`, 'date');
    return `case when ${sql} is not null then greatest(${dialect.truncateDate(date, unit)}, ${dialect.truncateDate(oldest, unit)}) end`;
  },
  shape: (dialect, column, given) => `${column} = ${dialect.truncateDate(column, given.unit)}`,
  reveals: (given) => `the ${given.unit}`,
});
