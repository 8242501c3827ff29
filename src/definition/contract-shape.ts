import { z } from 'zod';

export const LEAF_TYPES = ['string', 'integer', 'number', 'boolean'] as const;
export type LeafType = (typeof LEAF_TYPES)[number];
const TYPES = ['object', ...LEAF_TYPES, 'array', 'null'] as const;

export const FORMATS = [
  'date',
  'time',
  'date-time',
  'duration',
  'uuid',
  'email',
  'uri',
  'hostname',
  'ipv4',
  'ipv6',
  'bigint',
  'decimal',
] as const;

/** From strictest to mildest. */
export const CLASSES = ['direct', 'sensitive', 'quasi', 'none'] as const;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], 'must be a scalar');
const length = z.int('must be a whole number from 0').min(0, 'must be a whole number from 0');
const type = z.union(
  [z.enum(TYPES), z.array(z.enum(TYPES)).length(2)],
  `must be one of ${TYPES.join(', ')}, or a pair such as [string, "null"]`,
);

/** An object or scalar of a contract: the accepted keywords of JSON Schema 2020-12, and our own. */
export interface ContractNode {
  readonly type?: z.infer<typeof type> | undefined;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, ContractNode>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: ContractNode | undefined;
  readonly additionalProperties?: ContractNode | undefined;
  readonly propertyNames?: ContractNode | undefined;
  readonly enum?: readonly z.infer<typeof scalar>[] | undefined;
  readonly const?: z.infer<typeof scalar> | undefined;
  readonly format?: (typeof FORMATS)[number] | undefined;
  readonly pattern?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  readonly multipleOf?: number | undefined;
  readonly 'x-scale'?: number | undefined;
  readonly 'x-format'?: string | undefined;
  readonly 'x-timezone'?: string | undefined;
  readonly 'x-as-text'?: boolean | undefined;
  readonly 'x-pii'?: (typeof CLASSES)[number] | undefined;
  readonly 'x-on-invalid'?: 'reject' | 'set_null' | undefined;
}

export const contractNode: z.ZodType<ContractNode> = z
  .lazy(() =>
    z.strictObject({
      type: type.optional(),
      description: z.string().optional(),
      properties: z.record(z.string(), contractNode).optional(),
      required: z.array(z.string()).optional(),
      items: contractNode.optional().describe('Schema of one element of the array named by `explode`.'),
      additionalProperties: contractNode
        .optional()
        .describe('Schema of one value of an object with unknown keys; `explode` makes its entries rows.'),
      propertyNames: contractNode
        .optional()
        .describe('Schema of the keys of such an object: class, pattern, lengths.'),
      enum: z.array(scalar).min(1).optional(),
      const: scalar.optional(),
      format: z.enum(FORMATS).optional(),
      pattern: z.string().optional(),
      minLength: length.optional(),
      maxLength: length.optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      exclusiveMinimum: z.number().optional(),
      exclusiveMaximum: z.number().optional(),
      multipleOf: z.number().positive().optional(),
      'x-scale': z
        .int('must be a whole number from 0 to 18')
        .min(0, 'must be a whole number from 0 to 18')
        .max(18, 'must be a whole number from 0 to 18')
        .optional()
        .describe('Number of decimal places, for format decimal.'),
      'x-format': z
        .string()
        .min(1, 'must be text')
        .optional()
        .describe(
          'How a source writes a date or a moment: iso, epoch, epoch_ms, or a pattern such as M/d/yyyy or dd.MM.yyyy HH:mm.',
        ),
      'x-timezone': z
        .string()
        .min(1, 'must be text')
        .optional()
        .describe('Time zone of moments without one, such as Europe/Berlin; requires x-format.'),
      'x-as-text': z
        .boolean()
        .optional()
        .describe(
          'Numbers and booleans are read as their JSON text, for a field with values of several types.',
        ),
      'x-pii': z
        .enum(CLASSES)
        .optional()
        .describe('PII class, required for every leaf: direct, sensitive, quasi or none.'),
      'x-on-invalid': z
        .enum(['reject', 'set_null'])
        .optional()
        .describe(
          'Action for an invalid value: reject the record, or set the value, or all leaves of the object, to null.',
        ),
    }),
  )
  .meta({ id: 'contract' });
