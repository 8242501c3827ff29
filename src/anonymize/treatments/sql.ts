import { z } from 'zod';
import { withParser } from '../../base/duckdb.js';
import type { ColumnType } from '../../base/types/definition.js';
import type { ParameterObjection } from '../../base/types/treatment-spec.js';
import { countTrue, examineExpression } from '../examine-expression.js';
import { checkWords, MOST_CHARACTERS, putValue } from '../expression.js';
import { defineTreatment, onlyInput } from '../treatment.js';

const expression = z
  .string()
  .max(MOST_CHARACTERS, `must be an SQL expression of ${MOST_CHARACTERS} characters at most`)
  .superRefine((text, context) => {
    const why = checkWords(text);
    if (why !== null)
      context.addIssue({ code: 'custom', message: `must be an SQL expression of \`value\`: ${why}` });
  });

const WHOLE = ['BIGINT', 'INTEGER', 'SMALLINT', 'TINYINT'] as const;
const TYPES = {
  string: { type: 'VARCHAR', from: ['VARCHAR'] },
  integer: { type: 'BIGINT', from: WHOLE },
  number: { type: 'DOUBLE', from: ['DOUBLE', ...WHOLE] },
  boolean: { type: 'BOOLEAN', from: ['BOOLEAN'] },
  date: { type: 'DATE', from: ['DATE'] },
} as const satisfies Readonly<Record<string, { type: ColumnType; from: readonly string[] }>>;

const params = z.strictObject({
  expression: expression.describe('of `value`, by functions of the list in docs/pipelines.md'),
  shape: expression.describe('a condition on `value` that every output satisfies'),
  type: z
    .enum(['string', 'integer', 'number', 'boolean', 'date'])
    .default('string')
    .describe('what the expression gives'),
});

/** Values that a shape must reject, unless a reviewer gives a reason. */
const PROBES: Readonly<Record<keyof typeof TYPES, readonly string[]>> = {
  string: [
    ...['a@example.org', 'John.Smith@corp.com', 'https://example.org/x', 'www.example.org', '192.0.2.1'],
    ...['+4930123456', '(030) 123-4567', '4111111111111111', '4111 1111 1111 1111'],
    ...['DE89370400440532013000', '0123456789abcdef0123456789abcdef'],
  ],
  integer: ['4930123456', '4111111111111111'],
  number: ['4930123456', '4111111111111111'],
  boolean: [],
  date: [],
};

/**
 * The result of an expression in the definition. Only its author knows what it hides, so its leaf counts as kept: a leaf that
 * cannot be kept requires `reviewed`.
 */
export const sql = defineTreatment({
  name: 'sql',
  isBlind: false,
  keeps: 'perhaps',
  isToken: false,
  neverKey: false,
  params,
  isClosed: () => false,
  accepts: () => true,
  outputType: (_leaves, given) => TYPES[given.type].type,
  examine: async ([leaf], given, isReviewed) => {
    const read = given;
    const { type, from } = TYPES[read.type];
    return withParser(async (room): Promise<ParameterObjection | null> => {
      const uses = [
        { parameter: 'expression', value: leaf?.type ?? 'VARCHAR', expression: read.expression, gives: from },
        { parameter: 'shape', value: type, expression: read.shape, gives: ['BOOLEAN'] },
      ];
      for (const { parameter, ...use } of uses) {
        const why = await examineExpression(room, use);
        if (why !== null) return { parameter, why };
      }
      const probes = PROBES[read.type];
      const hits = probes.length === 0 ? 0 : await countTrue(room, read.shape, type, probes);
      if (hits === null) return { parameter: 'shape', why: 'it fails for some values; use try_cast' };
      return hits === 0 || isReviewed ? null : { parameter: 'shape', why: OPEN };
    });
  },
  sql: (dialect, inputs, given) => {
    const read = given;
    const { sql: name, leaf } = onlyInput(inputs);
    const treated = putValue(read.expression, `(${dialect.cast(name, leaf.type)})`);
    return `case when ${name} is not null then ${dialect.cast(`(${treated})`, TYPES[read.type].type)} end`;
  },
  shape: (_dialect, column, given) => putValue(given.shape, column),
  reveals: () => 'what its expression lets through, as its author states',
});

const OPEN = 'it lets an address, a phone or a card number through; be stricter, or add `reviewed: "<why>"`';
