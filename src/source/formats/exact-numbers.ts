import { LosslessNumber, parse } from 'lossless-json';
import { failure } from '../../base/errors.js';
import type { RecordSteps } from '../../base/record-steps.js';
import type { ExactLeaf } from './format.js';

/** Parses JSON, and says how its records reach the contract. */
export interface JsonParser {
  /** Throws whatever its library throws; of `{"a":1,"a":2}` it keeps the last. */
  readonly parse: (text: string) => unknown;
  /** Gives each leaf of exact digits, or that is read as text, as text and every other number as a number, in place. */
  readonly settle: (records: readonly unknown[], exact: readonly ExactLeaf[], envelope: unknown) => void;
}

const PLAIN: JsonParser = { parse: (text) => JSON.parse(text) as unknown, settle: () => undefined };

/** JavaScript's own parser, or where a leaf is a DECIMAL, one that keeps the digits (some ten times slower). */
export function createJsonParser(exact: readonly ExactLeaf[]): JsonParser {
  if (exact.length === 0) return PLAIN;
  return {
    parse: parseExactly,
    settle: (records, leaves, envelope) => {
      for (const { steps, hasBooleans } of leaves) writeTexts(records, steps, hasBooleans);
      roundNumbers(envelope);
    },
  };
}

function parseExactly(text: string): unknown {
  try {
    return parse(text, null, { parseNumber: keepDigits, onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    // It calls itself for each bracket: what is too deep for the stack is too deep for the contract.
    if (error instanceof RangeError) throw failure('E_SOURCE_STRUCTURE', { kind: 'nesting' });
    throw error;
  }
}

/** A number whose text can be told from it stays one: objects cost more. */
function keepDigits(text: string): unknown {
  const number = Number(text);
  return String(number) === text ? number : new LosslessNumber(text);
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !(value instanceof LosslessNumber);
}

/** Arrays on the way are gone through, element by element. */
function writeTexts(
  holders: readonly unknown[],
  [step = '', ...rest]: RecordSteps,
  hasBooleans: boolean,
): void {
  for (const holder of holders) {
    if (Array.isArray(holder)) writeTexts(holder, [step, ...rest], hasBooleans);
    else if (isFields(holder)) {
      for (const name of step === null ? Object.keys(holder) : [step]) {
        if (!Object.hasOwn(holder, name)) continue;
        if (rest.length > 0) writeTexts([holder[name]], rest, hasBooleans);
        else holder[name] = toText(holder[name], hasBooleans);
      }
    }
  }
}

function toText(value: unknown, hasBooleans: boolean): unknown {
  if (value instanceof LosslessNumber) return value.value;
  if (Array.isArray(value)) return value.map((each) => toText(each, hasBooleans));
  const isScalar = typeof value === 'number' || (hasBooleans && typeof value === 'boolean');
  return isScalar ? String(value) : value;
}

/** As `JSON.parse` would have it. */
function roundNumbers(value: unknown): void {
  if (!isFields(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (inner instanceof LosslessNumber) value[name] = Number(inner.value);
    else roundNumbers(inner);
  }
}
