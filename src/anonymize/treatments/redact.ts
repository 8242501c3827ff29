import { z } from 'zod';
import { defineTreatment, onlyInput } from '../treatment.js';

/** Three stars for whatever was there. */
export const redact = defineTreatment({
  name: 'redact',
  isBlind: true,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params: z.strictObject({}),
  inputs: { min: 1, max: 1 },
  accepts: () => true,
  outputType: () => 'VARCHAR',
  objection: () => null,
  sql: (_dialect, inputs) => `case when ${onlyInput(inputs).sql} is not null then '***' end`,
  shape: (_dialect, column) => `${column} = '***'`,
  reveals: () => 'that there was one',
});
