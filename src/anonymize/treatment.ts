import type { z } from 'zod';
import type { Bound, ColumnType, LandingColumn, Leaf, TreatmentParams } from '../base/types/definition.js';
import type { ParameterObjection, TreatmentObjection, TreatmentSpec } from '../base/types/treatment-spec.js';
import type { Dialect } from './dialect.js';
import type { Hmac, KeyUse } from './keys.js';
import { loosenPattern } from './loose-pattern.js';

/** One leaf as a treatment's SQL sees it. */
export interface Input {
  readonly leaf: Leaf;
  /** The leaf's value as an SQL expression. */
  readonly sql: string;
}

/** Values that a treatment can request in addition to its inputs; each becomes a bound parameter. */
export interface Bindings {
  readonly keyId: string;
  /** SQL of the pads of the key for a use and scope. */
  pads(use: KeyUse, scope: string): { readonly inner: string; readonly outer: string };
  /** SQL of the partition's date. */
  date(): string;
  /** SQL of a text or a list of texts that would make the statement hard to read. */
  constant(name: string, value: string | readonly string[]): string;
}

/**
 * Computes treated values of a page in JavaScript: of each leaf a list with a value for each row. Null where the
 * statement has to compute it: where the value is null, and where JavaScript may not give the same.
 */
export type Precompute = (
  columns: readonly (readonly unknown[])[],
  rows: number,
) => readonly (string | null)[];

/** What a computation in JavaScript needs of the key. */
export interface Secrets {
  readonly keyId: string;
  /** With the key for a use and scope. */
  readonly hmac: (use: KeyUse, scope: string) => Hmac;
}

/** One way to treat values. All treatments have this shape and pass one conformance suite. */
export interface Treatment extends TreatmentSpec {
  /** The treated value as an SQL expression; null for null. */
  readonly sql: (
    dialect: Dialect,
    inputs: readonly Input[],
    params: TreatmentParams,
    bind: Bindings,
  ) => string;
  /** The same in JavaScript; null where there is only the SQL. */
  readonly precompute: (
    leaves: readonly Leaf[],
    params: TreatmentParams,
  ) => ((secrets: Secrets) => Precompute) | null;
  /** A predicate over a column that every treated value but null satisfies. */
  readonly shape: (dialect: Dialect, column: string, landing: LandingColumn) => string;
  /** What a reader of the column still learns, in one line. */
  readonly reveals: (params: TreatmentParams, leaves: readonly Leaf[]) => string;
}

/** A treatment as its file writes it: each function gets the parameters as their own schema reads them. */
interface OwnTreatment<Schema extends z.ZodObject, Params = z.output<Schema>> extends Pick<
  Treatment,
  'name' | 'isBlind' | 'keeps' | 'isToken' | 'neverKey' | 'leafParameter' | 'accepts'
> {
  readonly params: Schema;
  /** One leaf where it says nothing. */
  readonly inputs?: Treatment['inputs'];
  /** Always where it says nothing. */
  readonly isClosed?: (params: Params, leaves: readonly Leaf[]) => boolean;
  readonly facts?: (params: Params) => TreatmentParams;
  readonly outputType: (leaves: readonly Leaf[], params: Params) => ColumnType;
  readonly objection?: (leaves: readonly Leaf[], params: Params) => TreatmentObjection | null;
  readonly examine?: (
    leaves: readonly Leaf[],
    params: Params,
    isReviewed: boolean,
  ) => Promise<ParameterObjection | null>;
  readonly sql: (dialect: Dialect, inputs: readonly Input[], params: Params, bind: Bindings) => string;
  readonly precompute?: (
    leaves: readonly Leaf[],
    params: Params,
  ) => ((secrets: Secrets) => Precompute) | null;
  readonly shape: (dialect: Dialect, column: string, params: Params, from: readonly Leaf[]) => string;
  readonly reveals: (params: Params, leaves: readonly Leaf[]) => string;
}

/** Parses the parameters, here and nowhere else, before any function of the treatment sees them. */
export function defineTreatment<Schema extends z.ZodObject>(own: OwnTreatment<Schema>): Treatment {
  const { params, inputs = { min: 1, max: 1 }, facts, isClosed, objection, examine, precompute } = own;
  return {
    ...own,
    inputs,
    outputType: (leaves, given) => own.outputType(leaves, params.parse(given)),
    objection: (leaves, given) => objection?.(leaves, params.parse(given)) ?? null,
    sql: (dialect, inputs, given, bind) => own.sql(dialect, inputs, params.parse(given), bind),
    precompute: (leaves, given) => precompute?.(leaves, params.parse(given)) ?? null,
    shape: (dialect, column, { params: given, from }) =>
      own.shape(dialect, column, params.parse(given), from),
    reveals: (given, leaves) => own.reveals(params.parse(given), leaves),
    facts: (given) => facts?.(params.parse(given)),
    isClosed: (given, leaves) => isClosed?.(params.parse(given), leaves) ?? true,
    examine: async (leaves, given, isReviewed) =>
      (await examine?.(leaves, params.parse(given), isReviewed)) ?? null,
  };
}

/** The only input of a treatment that takes one leaf. */
export function onlyInput(inputs: readonly Input[]): Input {
  const [input] = inputs;
  if (input === undefined) throw new RangeError('a treatment was compiled without an input');
  return input;
}

/** The contract's bound of a leaf as a predicate: what a kept value must satisfy once more. */
export function boundPredicate(dialect: Dialect, column: string, leaf: Leaf): string {
  if (leaf.bound === null) return unboundedPredicate(column, leaf);
  return bound(dialect, column, leaf.bound);
}

/** As wide as the contract's own formats (ajv-formats): `urn:uuid:…` is a uuid. */
const FORMATS = {
  uuid: '(?i)^(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$',
  duration: '^P[0-9YMWDTHS]+$',
} as const;

function bound(dialect: Dialect, column: string, given: Bound): string {
  switch (given.kind) {
    case 'enum':
      return dialect.oneOf(
        column,
        given.values.map((value) => (typeof value === 'string' ? dialect.text(value) : String(value))),
      );
    case 'pattern':
      return patternPredicate(dialect, column, given.pattern, given.maxLength);
    case 'range':
      return `${column} between ${given.minimum} and ${given.maximum}`;
    case 'format':
      if (given.format === 'uuid' || given.format === 'duration') {
        return dialect.matches(column, FORMATS[given.format]);
      }
      return `${column} is not null`; // the column's type is the bound
  }
}

/** A pattern as a predicate that RE2 evaluates quickly; it accepts every value that the contract accepts. */
function patternPredicate(
  dialect: Dialect,
  column: string,
  pattern: string,
  maxLength: number | null,
): string {
  const { text, least, most } = loosenPattern(pattern);
  const longest = Math.min(most, maxLength ?? Infinity);
  const length = longest === Infinity ? `>= ${least}` : `between ${least} and ${longest}`;
  return `${dialect.matches(column, text)} and length(${column}) ${length}`;
}

function unboundedPredicate(column: string, leaf: Leaf): string {
  if (leaf.type === 'VARCHAR') return `length(${column}) <= ${Number(leaf.schema['maxLength'] ?? 1000)}`;
  if (leaf.type === 'DOUBLE') return `isfinite(${column})`;
  return `${column} is not null`;
}

/** Whether a leaf's value is one of a list, a number with few digits or a short code: no text of a person fits in it. */
export function isClosedLeaf({ bound, type, schema }: Leaf): boolean {
  if (bound?.kind === 'enum' || type === 'BOOLEAN' || type === 'DATE' || type === 'TIME') return true;
  if (type === 'VARCHAR')
    return (
      Number(schema['maxLength'] ?? Infinity) < 4 ||
      (bound?.kind === 'pattern' && loosenPattern(bound.pattern).most < 4)
    );
  return false;
}
