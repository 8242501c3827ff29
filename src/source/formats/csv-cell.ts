import type { Leaf } from '../../definition/definition.js';

/** What a cell's text stands for. */
export type ReadCell = (text: string) => string | number | boolean | null;

const INTEGER = /^(?:0|-?[1-9]\d*)$/;
/** A number of JSON (RFC 8259, section 6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * How the cells of a leaf are read: empty is null, but for text that may not be null, which it is as it stands. What is
 * not written canonically stays text, so that the contract refuses it by its type: `007`, `1,5` and `yes` are no
 * numbers and no booleans. Undeclared columns are text.
 */
export function createCellReader(leaf: Leaf | undefined): ReadCell {
  const convert = (leaf && CONVERSIONS[leaf.type]) ?? asText;
  const isNullable = leaf !== undefined && (leaf.type !== 'VARCHAR' || admitsNull(leaf));
  return (text) => (text === '' && isNullable ? null : convert(text));
}

const CONVERSIONS: Readonly<Partial<Record<Leaf['type'], ReadCell>>> = {
  BIGINT: (text) => (INTEGER.test(text) ? Number(text) : text),
  DOUBLE: (text) => (NUMBER.test(text) ? Number(text) : text),
  BOOLEAN: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

const asText: ReadCell = (text) => text;

function admitsNull({ schema }: Leaf): boolean {
  const { type } = schema;
  return Array.isArray(type) && type.includes('null');
}
