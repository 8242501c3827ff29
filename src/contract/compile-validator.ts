import addFormats from 'ajv-formats';
import { _, Ajv2020, type Code, type KeywordCxt, type ValidateFunction } from 'ajv/dist/2020.js';
import { isDate, isDateTime, isTime } from '../base/dates/date-formats.js';
import { compileMoment, type MomentForm } from '../base/dates/moments.js';
import { failure } from '../base/errors.js';
import { isObject, readPath, typeOf, writePath } from '../base/json-values.js';
import type { JsonSchema } from '../base/types/definition.js';
import { compileDigits, compileRange } from './digits.js';
import {
  DIGITS_KEYWORD,
  EXACT_KEYWORD,
  LEAF_KEYWORDS,
  MOMENT_KEYWORD,
  RANGE_KEYWORD,
  SCALAR_KEYWORD,
  type Reason,
  type RejectCode,
  TEXT_KEYWORD,
} from './reasons.js';
import { isNothing, type LeafNode, listLeaves, type ObjectNode, type SchemaNode } from './schema-tree.js';

/** Null for a valid record, else the first reason in schema order. Never changes the record. */
export type RecordValidator = (record: unknown) => Reason | null;

/** A leaf or an object whose invalid values are nulled, with its own validator. */
export interface NullingNode {
  readonly node: SchemaNode;
  readonly isValid: (value: unknown) => boolean;
}

/** A record in which other spellings of nothing are null, and the paths where they were; null if it has none. */
export type ReadNothings = (record: unknown) => { readonly record: unknown; readonly paths: string[] } | null;

/** ASCII-only formats: values that pass them need no further check of their characters. */
const ASCII_FORMATS = new Set(['date', 'time', 'date-time', 'duration', 'uuid', 'email', 'ipv4', 'ipv6']);

/**
 * Compiles a schema into plain functions; Ajv itself stays in here. Throws E_DEFINITION, naming the leaf, where a
 * schema does not compile.
 */
export function compileValidators(root: ObjectNode): {
  validate: RecordValidator;
  nulling: readonly NullingNode[];
} {
  const ajv = (shared ??= makeAjv());
  return {
    validate: makeValidator(compileRoot(ajv, root), root),
    nulling: listNulling(root).map((node) => {
      const validate = compile(ajv, node);
      return { node, isValid: (value) => validate(value) };
    }),
  };
}

/** Objects stand before what is below them. */
function listNulling(node: SchemaNode): readonly SchemaNode[] {
  const below = node.kind === 'leaf' ? [] : [...node.children.values()].flatMap(listNulling);
  return node.nullsInvalid ? [node, ...below] : below;
}

/** Copies what it changes and nothing else; asked only of records that are invalid otherwise. */
export function readNothings(root: ObjectNode): ReadNothings {
  return (record) => {
    const paths: string[] = [];
    const read = replaceNothings(root, record, paths);
    return paths.length === 0 ? null : { record: read, paths };
  };
}

function replaceNothings(node: SchemaNode, value: unknown, paths: string[]): unknown {
  if (isNothing(node, value)) {
    paths.push(node.path);
    return null;
  }
  if (node.kind === 'leaf' || !isObject(value)) return value;
  const changed = new Map<string, unknown>();
  for (const [name, child] of node.children) {
    if (!Object.hasOwn(value, name)) continue;
    const read = replaceNothings(child, value[name], paths);
    if (read !== value[name]) changed.set(name, read);
  }
  if (changed.size === 0) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, changed.has(name) ? changed.get(name) : inner]),
  );
}

/** For the schemas of all datasets: to make one costs as much as to compile a small schema. */
let shared: Ajv2020 | null = null;

/**
 * No defaults, coercion, removal or `$data`: a record is only read. `strictNumbers` is off because it would call 1e400
 * (Infinity) a wrong type; our own keyword rejects it. The schema is not validated against the meta-schema, whose
 * compilation costs more than all else here: it is built from a definition whose form has been validated.
 */
function makeAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: false,
    ownProperties: true,
    strict: true,
    strictTypes: true,
    strictNumbers: false,
    unicodeRegExp: true,
    messages: false,
    meta: false,
    validateSchema: false,
    logger: false,
  });
  addFormats.default(ajv);
  ajv.addFormat('date', { type: 'string', validate: isDate });
  ajv.addFormat('time', { type: 'string', validate: isTime });
  ajv.addFormat('date-time', { type: 'string', validate: isDateTime });
  for (const [keyword, operator] of LENGTHS) {
    ajv.removeKeyword(keyword);
    ajv.addKeyword({
      keyword,
      type: 'string',
      schemaType: 'number',
      before: 'pattern',
      code: failUnlessLength(operator),
    });
  }
  ajv.addKeyword({ keyword: TEXT_KEYWORD, type: 'string', before: 'maxLength', code: failUnlessText });
  ajv.addKeyword({ keyword: EXACT_KEYWORD, type: 'number', before: 'maximum', code: failUnlessExact });
  ajv.addKeyword({ keyword: DIGITS_KEYWORD, type: 'string', schemaType: 'object', compile: compileDigits });
  ajv.addKeyword({ keyword: RANGE_KEYWORD, type: 'string', schemaType: 'object', compile: compileRange });
  ajv.addKeyword({ keyword: SCALAR_KEYWORD, schemaType: 'array', compile: compileScalarRule });
  ajv.addKeyword({ keyword: MOMENT_KEYWORD, schemaType: 'object', compile: compileMomentRule });
  return ajv;
}

/** Several types, which Ajv's `type` is not allowed to have. */
function compileScalarRule(types: readonly string[]): (value: unknown) => boolean {
  return (value) => types.includes(typeOf(value));
}

/** A null is for the type to judge. */
function compileMomentRule(rule: MomentForm): (value: unknown) => boolean {
  const read = compileMoment(rule);
  return (value) => value === null || read(value) !== null;
}

const LENGTHS = [
  ['maxLength', _`>`],
  ['minLength', _`<`],
] as const;

/** A text has as many characters as UTF-16 units at most, and half of them at least: few have to be counted. */
function failUnlessLength(operator: Code): (cxt: KeywordCxt) => void {
  return (cxt) => {
    const { gen, data } = cxt;
    const count = gen.scopeValue('func', { ref: countCharacters });
    const limit = Number(cxt.schema);
    const surely =
      operator === LENGTHS[0][1] ? _`${data}.length > ${limit}` : _`${data}.length < ${2 * limit}`;
    cxt.fail(_`${surely} && ${count}(${data}) ${operator} ${limit}`);
  };
}

function countCharacters(text: string): number {
  return Array.from(text).length;
}

/** Lone surrogates have no UTF-8 encoding, and U+0000 ends a text in some programs. */
function failUnlessText(cxt: KeywordCxt): void {
  cxt.fail(_`!${cxt.data}.isWellFormed() || ${cxt.data}.includes(${'\u0000'})`);
}

/** Beyond ±(2^53 − 1), `JSON.parse` has already rounded, so the original digits are lost. */
function failUnlessExact(cxt: KeywordCxt): void {
  const [least, most] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  cxt.fail(_`!(${cxt.data} >= ${least} && ${cxt.data} <= ${most})`);
}

/** Where the whole does not compile, the error names the leaf. */
function compileRoot(ajv: Ajv2020, root: ObjectNode): ValidateFunction {
  try {
    return compile(ajv, root);
  } catch (error) {
    for (const leaf of listLeaves(root)) compile(ajv, leaf);
    throw error;
  }
}

function compile(ajv: Ajv2020, node: SchemaNode): ValidateFunction {
  try {
    return ajv.compile(node.kind === 'leaf' ? writeLeafSchema(node) : writeObjectSchema(node));
  } catch {
    const problem = `the schema of ${node.path === '' ? 'a record' : node.path} does not compile`;
    const fix = 'check its pattern, format and types';
    throw failure('E_DEFINITION', { problem, fix }, { field: node.path });
  }
}

function writeSchema(node: SchemaNode): JsonSchema | true {
  if (node.nullsInvalid) return true;
  return node.kind === 'leaf' ? writeLeafSchema(node) : writeObjectSchema(node);
}

function writeObjectSchema(node: ObjectNode): JsonSchema {
  const properties = [...node.children].map(([name, child]) => [name, writeSchema(child)] as const);
  return {
    type: node.nullable ? ['object', 'null'] : 'object',
    required: node.required,
    properties: Object.fromEntries(properties),
    ...(node.entries === null
      ? {}
      : {
          propertyNames: writeSchema(node.entries.key),
          additionalProperties: writeSchema(node.entries.value),
        }),
  };
}

function writeLeafSchema(node: LeafNode): JsonSchema {
  return node.isList ? { type: node.types, items: writeValueSchema(node) } : writeValueSchema(node);
}

/** Of the leaf's value, or of an element of its list. */
function writeValueSchema(node: LeafNode): JsonSchema {
  // Listed values, digits and moments need no further check of their characters.
  const isPlain = ['enum', 'const', DIGITS_KEYWORD, MOMENT_KEYWORD].some((keyword) =>
    Object.hasOwn(node.schema, keyword),
  );
  if (isPlain) return node.schema;
  if (Object.hasOwn(node.schema, SCALAR_KEYWORD)) return { [SCALAR_KEYWORD]: node.types };
  const types: readonly unknown[] = [node.schema['type']].flat();
  const isNumber = types.includes('number') || types.includes('integer');
  const isFreeText = types.includes('string') && !ASCII_FORMATS.has(String(node.schema['format']));
  return {
    ...node.schema,
    ...(isFreeText ? { [TEXT_KEYWORD]: true } : {}),
    ...(isNumber ? { [EXACT_KEYWORD]: true } : {}),
  };
}

/**
 * Reasons are looked up by `schemaPath`, which is made of the contract alone; an error's `instancePath`, `params` and
 * `message` can hold keys of the record and are not read.
 */
function makeValidator(validate: ValidateFunction, root: ObjectNode): RecordValidator {
  const reasons = new Map(listReasons(root, '#'));
  return (record) => {
    if (validate(record)) return null;
    const found = reasons.get(validate.errors?.[0]?.schemaPath ?? '');
    if (found === undefined) throw failure('E_DEFECT', { name: 'a refusal without a reason', at: '' });
    return found(record);
  };
}

type Explain = (record: unknown) => Reason;

function listReasons(node: SchemaNode, pointer: string): (readonly [string, Explain])[] {
  if (node.kind === 'leaf') {
    const places = node.isList ? [pointer, `${pointer}/items`] : [pointer];
    return places.flatMap((place) =>
      [...leafCodes()].map(([keyword, code]) => {
        const reason: Reason = { code, path: node.path, keyword };
        return [`${place}/${keyword}`, () => reason] as const;
      }),
    );
  }
  const type: Reason = {
    code: node.path === '' ? 'not_an_object' : 'type',
    path: node.path,
    keyword: 'type',
  };
  const below = [...node.children].flatMap(([name, child]) =>
    listReasons(child, `${pointer}/properties/${escapePointer(name)}`),
  );
  return [
    [`${pointer}/type`, () => type],
    [`${pointer}/required`, (record) => explainMissing(node, record)],
    ...below,
    ...(node.entries === null
      ? []
      : [
          ...listReasons(node.entries.key, `${pointer}/propertyNames`),
          ...listReasons(node.entries.value, `${pointer}/additionalProperties`),
        ]),
  ];
}

function leafCodes(): ReadonlyMap<string, RejectCode> {
  return new Map([...LEAF_KEYWORDS, [TEXT_KEYWORD, 'text_invalid'], [EXACT_KEYWORD, 'integer_unsafe']]);
}

function explainMissing(node: ObjectNode, record: unknown): Reason {
  const object = readPath(record, node.segments);
  const name = node.required.find((each) => !isObject(object) || !Object.hasOwn(object, each)) ?? '';
  return { code: 'missing', path: writePath([...node.segments, name]), keyword: 'required' };
}

/** A property's name as Ajv writes it into `schemaPath` (RFC 6901, as a URI fragment). */
function escapePointer(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}
