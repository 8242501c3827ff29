import type { ColumnType, JsonSchema } from '../../base/types/definition.js';
import type { ContractNode, LeafType } from '../contract-shape.js';
import type { Path } from '../read/document.js';
import type { Problems } from '../read/problems.js';

/** A number with exact digits, stored as DECIMAL(precision, scale). */
export interface Digits {
  readonly precision: 38 | 18;
  readonly scale: number;
}

const LIMITS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const;
const FOREIGN = ['enum', 'const', 'pattern', 'minLength', 'maxLength', 'multipleOf', 'x-as-text'] as const;

/** Precision and scale of `format: bigint` or `format: decimal`; null for other formats. */
export function findDigits(node: ContractNode): Digits | null {
  if (node.format === 'bigint') return { precision: 38, scale: 0 };
  return node.format === 'decimal' ? { precision: 18, scale: node['x-scale'] ?? 0 } : null;
}

export function digitsType({ precision, scale }: Digits): ColumnType {
  return precision === 38 ? 'DECIMAL(38,0)' : `DECIMAL(18,${scale})`;
}

/** Validates the keywords of such a scalar; the API may send it as a number or as text. */
export function checkDigits(
  node: ContractNode,
  digits: Digits,
  type: LeafType,
  at: Path,
  problems: Problems,
): void {
  const numeric = node.format === 'bigint' ? 'integer' : 'number';
  if (type !== numeric && type !== 'string') {
    problems.add(at, `the type does not match format ${node.format ?? ''}`, `write \`type: ${numeric}\``);
  }
  for (const keyword of FOREIGN) {
    if (node[keyword] === undefined) continue;
    problems.add([...at, keyword], `keyword \`${keyword}\` is not supported for this format`, 'remove it');
  }
  if (node.format === 'decimal' && node['x-scale'] === undefined) {
    problems.add(
      at,
      'the decimal has no scale',
      'add `x-scale`, such as `x-scale: 2` for two decimal places',
    );
  }
  for (const keyword of LIMITS) {
    const decimals = /^-?\d+(?:\.(\d+))?$/.exec(String(node[keyword] ?? 0));
    if (decimals !== null && (decimals[1]?.length ?? 0) <= digits.scale) continue;
    problems.add(
      [...at, keyword],
      'the limit has more decimal places than the leaf',
      'use fewer decimal places or a larger scale',
    );
  }
}

/** The schema that validates the text of such a number, in contract keywords. */
export function writeDigitsSchema(node: ContractNode, digits: Digits, isNullable: boolean): JsonSchema {
  const range = Object.fromEntries(
    LIMITS.flatMap((keyword) => (node[keyword] === undefined ? [] : [[keyword, String(node[keyword])]])),
  );
  const { 'x-pii': pii, 'x-on-invalid': onInvalid, description } = node;
  return {
    type: isNullable ? ['string', 'null'] : 'string',
    ...(description === undefined ? {} : { description }),
    ...(pii === undefined ? {} : { 'x-pii': pii }),
    ...(onInvalid === undefined ? {} : { 'x-on-invalid': onInvalid }),
    'x-digits': digits,
    ...(Object.keys(range).length === 0 ? {} : { 'x-range': range }),
  };
}
