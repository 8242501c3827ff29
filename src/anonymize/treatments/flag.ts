import { z } from 'zod';
import { defineTreatment, onlyInput } from '../treatment.js';

/** Texts that say no, in lower case; any other text says yes. */
const NO = ['', '0', 'f', 'false', 'n', 'no', 'null', 'off'];

const NUMBERS = /^(?:BIGINT|DOUBLE|DECIMAL)/;

/** True for a value other than false, 0, no or null; else false. Every row has one of the two. */
export const flag = defineTreatment({
  name: 'flag',
  isBlind: false,
  keeps: 'never',
  isToken: false,
  neverKey: true,
  params: z.strictObject({}),
  accepts: () => true,
  outputType: () => 'BOOLEAN',
  objection: ([leaf]) =>
    leaf?.type === 'BOOLEAN' && (leaf.class === 'direct' || leaf.class === 'sensitive')
      ? { kind: 'review', why: `${leaf.path} is ${leaf.class} and would be kept` }
      : null,
  sql: (dialect, inputs) => {
    const { leaf, sql } = onlyInput(inputs);
    if (leaf.type === 'BOOLEAN') return `coalesce(${sql}, false)`;
    if (NUMBERS.test(leaf.type)) return `coalesce(${dialect.cast(sql, leaf.type)} <> 0, false)`;
    const isNo = dialect.oneOf(dialect.lower(dialect.trim(sql)), NO.map(dialect.text));
    return `coalesce(not ${isNo}, false)`;
  },
  shape: (_dialect, column) => `${column} is not null`,
  reveals: () => 'whether there is a value',
});
