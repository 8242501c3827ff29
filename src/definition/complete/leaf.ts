import type { MomentForm } from '../../base/dates/moments.js';
import { failure } from '../../base/errors.js';
import { writePath } from '../../base/json-values.js';
import type { ColumnType, JsonSchema, Leaf } from '../../base/types/definition.js';
import { CLASSES, type ContractNode, LEAF_TYPES, type LeafType } from '../contract-shape.js';
import type { Path } from '../read/document.js';
import type { Problems } from '../read/problems.js';
import { findBound } from './bound.js';
import { checkDigits, type Digits, digitsType, findDigits, writeDigitsSchema } from './digits.js';
import { checkMoment, findMoment, writeMomentSchema } from './moment.js';
import { scanPattern } from './pattern.js';

/** The default `maxLength` of a text that lands: RE2 rejects longer repeats. */
const DEFAULT_MAX_LENGTH = 1_000;

/** Keywords that only some types support. */
const KEYWORDS = {
  minLength: ['string'],
  maxLength: ['string'],
  pattern: ['string'],
  format: ['string'],
  minimum: ['integer', 'number'],
  maximum: ['integer', 'number'],
  exclusiveMinimum: ['integer', 'number'],
  exclusiveMaximum: ['integer', 'number'],
  multipleOf: ['integer', 'number'],
  properties: [],
  required: [],
  'x-scale': [],
  'x-format': [],
  'x-timezone': [],
  'x-as-text': ['string'],
  items: [],
  additionalProperties: [],
  propertyNames: [],
} as const satisfies Partial<Record<keyof ContractNode, readonly LeafType[]>>;

/** A scalar of the contract and its context. */
export interface LeafSite {
  readonly node: ContractNode;
  readonly segments: readonly string[];
  /** Its parent lists it in `required`. */
  readonly isListed: boolean;
  /** Every object above it is present and not null in every valid record. */
  readonly isReached: boolean;
  readonly many: Leaf['many'];
  /** Leaves and objects of which nothing lands, so that the length of a text does not matter. */
  readonly hidden: ReadonlySet<string>;
  /** Its position in the definition. */
  readonly at: Path;
}

/** Completes one scalar; null if it is invalid, with the reason in `problems`. */
export function completeLeaf(site: LeafSite, problems: Problems): Leaf | null {
  const { node, segments, at } = site;
  const type = findType(node);
  if (type === null) {
    const fix = `write \`type: ${LEAF_TYPES.join(' | ')}\`, or [one of them, "null"]; all values of an enum have the same type`;
    problems.add(at, 'the leaf must have exactly one type', fix);
    return null;
  }
  const isNullable = admitsNull(node);
  const digits = findDigits(node);
  const moment = findMoment(node);
  checkMoment(node, moment, type, at, problems);
  if (digits !== null) checkDigits(node, digits, type, at, problems);
  else if (moment === null) checkKeywords(site, type, problems);
  if (digits !== null && site.many === 'map') {
    const fix = 'remove `format`, or add `explode` with the path of the map';
    problems.add([...at, 'format'], 'exact digits are not supported in a map that is not exploded', fix);
  }
  if (digits === null) checkValues(site, type, problems);
  checkPattern(site, problems);
  checkLimits(site, problems);
  const isInvalidNulled = node['x-on-invalid'] === 'set_null';
  if (isInvalidNulled && site.isListed && !isNullable) {
    const fix = 'remove the leaf from `required`, allow null in its type, or remove `x-on-invalid`';
    problems.add([...at, 'x-on-invalid'], 'a required leaf cannot be set to null', fix);
  }
  if (node['x-pii'] === undefined) {
    problems.add(at, 'the leaf has no PII class', `add \`x-pii: ${CLASSES.join(' | ')}\``);
  }
  return {
    path: writePath(segments),
    segments,
    class: node['x-pii'] ?? 'direct',
    type: typeOf(site, type, digits, moment),
    required: site.isListed && site.isReached && !isNullable,
    bound: moment === null ? findBound(node, type) : { kind: 'format', format: moment.kind },
    onInvalid: isInvalidNulled ? 'set_null' : 'reject',
    many: site.many,
    moment,
    schema:
      digits !== null
        ? writeDigitsSchema(node, digits, isNullable)
        : moment !== null
          ? writeMomentSchema(node, moment, type, isNullable)
          : completeSchema(site, type, isNullable),
  };
}

/** The type besides null; an enum or const without `type` implies it. */
function findType(node: ContractNode): LeafType | null {
  const named = node.type === undefined ? valuesOf(node).map(typeOfValue) : [node.type].flat();
  const types = [...new Set(named)].filter((type) => type !== 'null');
  const isNumeric = types.length === 2 && types.includes('integer') && types.includes('number');
  if (isNumeric && node.type === undefined) return 'number';
  return types.length === 1 ? (LEAF_TYPES.find((type) => type === types[0]) ?? null) : null;
}

function admitsNull(node: ContractNode): boolean {
  return node.type === undefined ? valuesOf(node).includes(null) : [node.type].flat().includes('null');
}

function valuesOf(node: ContractNode): readonly (string | number | boolean | null)[] {
  return node.const === undefined ? (node.enum ?? []) : [node.const];
}

function typeOfValue(value: string | number | boolean | null): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkKeywords(site: LeafSite, type: LeafType, problems: Problems): void {
  for (const [keyword, types] of Object.entries(KEYWORDS)) {
    if (!Object.hasOwn(site.node, keyword) || types.some((known) => known === type)) continue;
    problems.add(
      [...site.at, keyword],
      `keyword \`${keyword}\` is not supported for type ${type}`,
      'remove it',
    );
  }
}

/** An enum or const must match `type`, including null. */
function checkValues({ node, at }: LeafSite, type: LeafType, problems: Problems): void {
  const values = valuesOf(node);
  if (values.length === 0) return;
  const place = [...at, node.const === undefined ? 'enum' : 'const'];
  const fits = (value: unknown): boolean =>
    value === null || typeof value === (type === 'integer' || type === 'number' ? 'number' : type);
  if (
    !values.every(fits) ||
    (type === 'integer' && values.some((value) => typeOfValue(value) === 'number'))
  ) {
    problems.add(place, `a value does not have type ${type}`, 'use values of one type');
  } else if (new Set(values).size !== values.length) {
    problems.add(place, 'duplicate value', 'remove one of them');
  } else if (admitsNull(node) !== values.includes(null)) {
    problems.add(place, '`type` and the values disagree about null', 'allow null in both or in neither');
  }
}

function checkPattern({ node, segments, at }: LeafSite, problems: Problems): void {
  if (node.pattern === undefined) return;
  const place = [...at, 'pattern'];
  if (!compiles(node.pattern)) {
    problems.add(place, 'the pattern does not compile', 'write a JavaScript regular expression with flag u');
  } else if (!scanPattern(node.pattern).isPortable) {
    problems.addFailure(place, (where) => failure('E_PATTERN', { path: writePath(segments) }, where));
  }
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').flags === 'u';
  } catch {
    return false;
  }
}

function checkLimits({ node, at }: LeafSite, problems: Problems): void {
  const numbers = [node.minimum, node.maximum, node.exclusiveMinimum, node.exclusiveMaximum];
  if (numbers.some((limit) => limit !== undefined && Math.abs(limit) > Number.MAX_SAFE_INTEGER)) {
    problems.add(at, 'the limit exceeds 2^53, where digits are lost', 'use a limit within ±9007199254740991');
  }
  const least = node.minimum ?? node.exclusiveMinimum ?? -Infinity;
  const most = node.maximum ?? node.exclusiveMaximum ?? Infinity;
  if (least > most || (node.minLength ?? 0) > (node.maxLength ?? Infinity)) {
    problems.add(at, 'the lower limit is above the upper limit', 'swap the two limits');
  }
}

function typeOf(
  { node }: LeafSite,
  type: LeafType,
  digits: Digits | null,
  moment: MomentForm | null,
): ColumnType {
  if (digits !== null) return digitsType(digits);
  if (moment !== null) return moment.kind === 'date' ? 'DATE' : 'TIMESTAMPTZ';
  return columnTypeOf(node, type);
}

function columnTypeOf(node: ContractNode, type: LeafType): ColumnType {
  if (type === 'integer') return 'BIGINT';
  if (type === 'number') return 'DOUBLE';
  if (type === 'boolean') return 'BOOLEAN';
  if (node.format === 'date') return 'DATE';
  if (node.format === 'time') return 'TIME';
  return node.format === 'date-time' ? 'TIMESTAMPTZ' : 'VARCHAR';
}

function completeSchema(
  { node, segments, hidden, many }: LeafSite,
  type: LeafType,
  isNullable: boolean,
): JsonSchema {
  if (node['x-as-text'] === true && many === 'map') return writeAnyScalar(node, isNullable);
  const typed = { ...node, type: isNullable ? [type, 'null'] : type };
  const isHidden = segments.some((_, depth) => hidden.has(writePath(segments.slice(0, depth + 1))));
  return type === 'string' && !isHidden
    ? { ...typed, maxLength: node.maxLength ?? DEFAULT_MAX_LENGTH }
    : typed;
}

/** Values of a map that is not exploded do not land, so they are not made texts. */
function writeAnyScalar({ 'x-pii': pii, description }: ContractNode, isNullable: boolean): JsonSchema {
  return {
    type: ['string', 'number', 'boolean', ...(isNullable ? ['null'] : [])],
    'x-scalar': true,
    ...(description === undefined ? {} : { description }),
    ...(pii === undefined ? {} : { 'x-pii': pii }),
  };
}
