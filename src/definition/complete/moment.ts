import { findMomentFlaw, type MomentForm } from '../../base/dates/moments.js';
import type { JsonSchema } from '../../base/types/definition.js';
import type { ContractNode, LeafType } from '../contract-shape.js';
import type { Path } from '../read/document.js';
import type { Problems } from '../read/problems.js';

const FOREIGN = [
  ...(['enum', 'const', 'pattern', 'minLength', 'maxLength', 'multipleOf', 'x-scale', 'x-as-text'] as const),
  ...(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const),
] as const;

/** The form of `x-format`, for dates and moments; null for other leaves. */
export function findMoment(node: ContractNode): MomentForm | null {
  const format = node['x-format'];
  if (format === undefined) return null;
  return {
    kind: node.format === 'date' ? 'date' : 'date-time',
    format,
    timeZone: node['x-timezone'] ?? null,
  };
}

/** Validates the keywords of such a scalar. */
export function checkMoment(
  node: ContractNode,
  moment: MomentForm | null,
  type: LeafType,
  at: Path,
  problems: Problems,
): void {
  if (moment === null) {
    if (node['x-timezone'] === undefined) return;
    const fix = 'add `x-format: iso`, or a pattern';
    problems.add([...at, 'x-timezone'], '`x-timezone` requires `x-format`', fix);
    return;
  }
  for (const keyword of FOREIGN) {
    if (node[keyword] === undefined) continue;
    problems.add([...at, keyword], `keyword \`${keyword}\` is not supported with \`x-format\``, 'remove it');
  }
  const isEpoch = moment.format.startsWith('epoch');
  const isNumber = type === 'integer' || type === 'number';
  const isKnown =
    node.format === 'date' || node.format === 'date-time' || (isNumber && node.format === undefined);
  if (!isKnown || type === 'boolean' || isNumber !== (isNumber && isEpoch)) {
    const what = '`x-format` requires a text of `format: date` or `format: date-time`';
    problems.add([...at, 'x-format'], what, 'or a number and `x-format: epoch` or `epoch_ms`');
    return;
  }
  const flaw = findMomentFlaw(moment);
  const key = flaw?.startsWith('`x-timezone` must') === true ? 'x-timezone' : 'x-format';
  if (flaw !== null) problems.add([...at, key], flaw, 'docs/records.md lists the formats');
}

/** The schema that validates a value as the source writes it, in contract keywords. */
export function writeMomentSchema(
  node: ContractNode,
  moment: MomentForm,
  type: LeafType,
  isNullable: boolean,
): JsonSchema {
  const { 'x-pii': pii, 'x-on-invalid': onInvalid, description } = node;
  return {
    type: isNullable ? [type, 'null'] : type,
    ...(description === undefined ? {} : { description }),
    ...(pii === undefined ? {} : { 'x-pii': pii }),
    ...(onInvalid === undefined ? {} : { 'x-on-invalid': onInvalid }),
    'x-moment': moment,
  };
}
