import { z } from 'zod';
import { defineTreatment, onlyInput } from '../treatment.js';

/** Three stars in place of any value. */
export const redact = defineTreatment({
  name: 'redact',
  isBlind: true,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params: z.strictObject({}),
  accepts: () => true,
  outputType: () => 'VARCHAR',
  sql: (_dialect, inputs) => `case when ${onlyInput(inputs).sql} is not null then '***' end`,
  shape: (_dialect, column) => `${column} = '***'`,
  reveals: () => 'that there was one',
});
