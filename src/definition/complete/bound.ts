import type { Bound } from '../../base/types/definition.js';
import type { ContractNode } from '../contract-shape.js';
import { findDigits } from './digits.js';
import { scanPattern } from './pattern.js';

/** Texts that identify a person; a pattern that matches one of them does not bound its leaf. */
const PROBES = [
  'a@example.org',
  'a@b.co',
  'john.smith@corp.com',
  'Jane_Doe+1999@mail.example.net',
  'https://example.org/x',
  'http://example.com',
  'www.example.org',
  'www.example.com',
  '+4930123456',
  '(030) 123-4567',
  '4111111111111111',
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  'DE89370400440532013000',
  'DE89 3704 0044 0532 0130 00',
  '192.0.2.1',
  '0123456789abcdef0123456789abcdef',
  '0123456789ABCDEF0123456789ABCDEF',
] as const;

const BOUNDED_FORMATS = ['date', 'time', 'date-time', 'duration', 'uuid'] as const;

/**
 * The bound of a scalar's values that allows keeping it: an enum or const, a date, time or uuid format, an anchored finite
 * pattern that no probe matches, or both limits of an integer. Null if there is none.
 */
export function findBound(node: ContractNode, type: string): Bound | null {
  const values = node.const === undefined ? node.enum : [node.const];
  if (values !== undefined) return { kind: 'enum', values: values.filter((value) => value !== null) };
  if (type === 'boolean') return { kind: 'enum', values: [true, false] };
  const format = BOUNDED_FORMATS.find((known) => known === node.format);
  if (format !== undefined) return { kind: 'format', format };
  if (node.pattern !== undefined && isBounding(node.pattern, node.maxLength !== undefined)) {
    return { kind: 'pattern', pattern: node.pattern, maxLength: node.maxLength ?? null };
  }
  const digits = findDigits(node);
  if (digits !== null) return findRange(node, digits.scale === 0 ? 1 : 0);
  return type === 'integer' ? findRange(node, 1) : null;
}

/** A maximum length makes any pattern finite. */
function isBounding(pattern: string, hasMaxLength: boolean): boolean {
  const { isAnchored, isFinite, isPortable } = scanPattern(pattern);
  if (!isAnchored || !(isFinite || hasMaxLength) || !isPortable) return false;
  const compiled = compilePattern(pattern);
  return compiled !== null && !PROBES.some((probe) => compiled.test(probe));
}

/** Null if the pattern does not compile, which is reported elsewhere. */
function compilePattern(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return null;
  }
}

/** `step` is the distance between two values; 0 includes an exclusive limit. */
function findRange(node: ContractNode, step: 0 | 1): Bound | null {
  const minimum =
    node.minimum ?? (node.exclusiveMinimum === undefined ? undefined : node.exclusiveMinimum + step);
  const maximum =
    node.maximum ?? (node.exclusiveMaximum === undefined ? undefined : node.exclusiveMaximum - step);
  return minimum === undefined || maximum === undefined ? null : { kind: 'range', minimum, maximum };
}
