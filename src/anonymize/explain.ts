import type {
  DatasetDefinition,
  LandingColumn,
  PiiClass,
  TextPart,
  TreatmentParams,
} from '../base/types/definition.js';
import { SQL_WORDS } from '../base/text/sql-words.js';
import type { CompiledPolicy, Parameter } from './compile-policy.js';
import { TREATMENTS } from './treatments/registry.js';

/** The decision for one landed column. */
export interface ColumnExplanation {
  readonly column: string;
  /** Paths of its source leaves. */
  readonly from: readonly string[];
  /** Whether each element of a list is treated. */
  readonly each: boolean;
  /** The part of the leaf that is treated; null for all of it. */
  readonly part: TextPart | null;
  /** The strictest class among them. */
  readonly class: PiiClass;
  readonly treatment: string;
  readonly params: TreatmentParams;
  /** What a reader of the column still learns. */
  readonly reveals: string;
  /** Whether a gold column that derives from it needs an `exposes` reason. */
  readonly raw_only: boolean;
  /** Why a reviewer accepted what the rules would reject, or null. */
  readonly reviewed: string | null;
}

/** What a privacy officer reads of a dataset: every field, its treatment, and the statement that does it. */
export interface PolicyExplanation {
  readonly dataset: string;
  readonly columns: readonly ColumnExplanation[];
  /** Dropped leaves. */
  readonly dropped: readonly { readonly path: string; readonly class: PiiClass }[];
  /** The statement; what it is given stands above it, in comments. */
  readonly sql: string;
  readonly caveats: readonly string[];
}

/** Explains a compiled policy. Pure; holds names of the definition, no key and no value. */
export function explainPolicy(dataset: DatasetDefinition, policy: CompiledPolicy): PolicyExplanation {
  return {
    dataset: dataset.name,
    columns: policy.columns.map(({ landing, reveals }) => ({
      column: landing.name,
      from: landing.from.map(({ path }) => path),
      each: landing.each,
      part: landing.part,
      class: landing.class,
      treatment: landing.treatment,
      params: landing.params,
      reveals,
      raw_only: landing.rawOnly,
      reviewed: landing.reviewed,
    })),
    dropped: dataset.drop.map((path) => ({
      path,
      class: dataset.contract.leaves.get(path)?.class ?? 'direct',
    })),
    sql: writeSql(policy),
    caveats: listCaveats(dataset),
  };
}

function writeSql({ select, parameters, precomputed }: CompiledPolicy): string {
  const given = [...parameters].map(([name, parameter]) => `-- $${name}: ${describe(parameter)}`);
  const early = precomputed.map(
    ({ landing }) =>
      `-- ${landing.name}: of most rows computed before, by the same rule; the SQL is for the others`,
  );
  return ['-- $pages: checked records, as columns', ...given, ...early, select].join('\n');
}

function describe(parameter: Parameter): string {
  switch (parameter.kind) {
    case 'date':
      return "the partition's date";
    case 'pad':
      return `${parameter.side} pad of the ${parameter.use} key of scope ${parameter.scope} (secret)`;
    case 'constant':
      return typeof parameter.value === 'string'
        ? `a text of ${parameter.value.length} characters`
        : `a list of ${parameter.value.length} texts`;
  }
}

function listCaveats({ landing, rawZone }: DatasetDefinition): string[] {
  const byPattern = landing.filter(isKeptByPattern).map(({ name }) => name);
  const caveats: string[] = [];
  if (byPattern.length > 0) {
    caveats.push(`${byPattern.join(', ')}: a pattern bounds the form, not the meaning`);
  }
  for (const { name } of landing.filter((column) => SQL_WORDS.has(column.name)))
    caveats.push(`${name} is a word of SQL: in queries, write the column as "${name}" or t.${name}`);
  if (rawZone === 'restricted') {
    caveats.push(
      'the raw zone is restricted: what is kept in it singles people out when put together. Masked is not anonymous',
    );
  }
  return caveats;
}

/** The value itself lands, and nothing but a pattern says what it may be. */
function isKeptByPattern({ treatment, from }: LandingColumn): boolean {
  const isKept = TREATMENTS.get(treatment)?.keeps === 'always';
  return isKept && from.some(({ bound }) => bound?.kind === 'pattern');
}
