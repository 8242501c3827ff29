/**
 * A pipeline's definition as the rest of the program sees it: complete, checked, nothing optional whose default
 * lives elsewhere. Every stage may read it.
 */

import type { PaginationDefinition } from '../pagination/registry.js';
import type { DatasetCheck } from './dataset-check.js';

export const PII_CLASSES = ['direct', 'sensitive', 'quasi', 'none'] as const;
export type PiiClass = (typeof PII_CLASSES)[number];

/** SQL types of columns, in DuckDB's and Parquet's words; and DECIMAL(18,scale) for money. */
export const PLAIN_TYPES = [
  'BIGINT',
  'DECIMAL(38,0)',
  'DOUBLE',
  'BOOLEAN',
  'VARCHAR',
  'DATE',
  'TIME',
  'TIMESTAMPTZ',
] as const;
export type ColumnType = (typeof PLAIN_TYPES)[number] | `DECIMAL(18,${number})`;

/** What bounds the values of a leaf, so that it may be kept. */
export type Bound =
  | { readonly kind: 'enum'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'format'; readonly format: 'date' | 'time' | 'date-time' | 'duration' | 'uuid' }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly maxLength: number | null }
  | { readonly kind: 'range'; readonly minimum: number; readonly maximum: number };

export type JsonSchema = Readonly<Record<string, unknown>>;

/** One scalar of the contract. */
export interface Leaf {
  /** Dotted path, such as `address.city`; the column's name in `CheckedPage.columns`. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly class: PiiClass;
  readonly type: ColumnType;
  /** Present and not null in every record that passes the contract. */
  readonly required: boolean;
  readonly bound: Bound | null;
  readonly onInvalid: 'reject' | 'set_null';
  /** The leaf's own schema, completed: a string has `maxLength` unless nothing of it lands. */
  readonly schema: JsonSchema;
}

/** What of a text is treated in its place: its first word, or its last one if it has two or more. */
export const TEXT_PARTS = ['first_word', 'last_word'] as const;
export type TextPart = (typeof TEXT_PARTS)[number];

export type TreatmentParams = Readonly<Record<string, unknown>>;

/** One column that reaches the disk. */
export interface LandingColumn {
  readonly name: string;
  /** Those of a column with a `part` have no bound, since what bounds a text says nothing of its words. */
  readonly from: readonly Leaf[];
  /** Taken of its only leaf before the treatment; null for the whole value. */
  readonly part: TextPart | null;
  readonly treatment: string;
  /** Checked and completed by the treatment's own parameter schema. */
  readonly params: TreatmentParams;
  /** The strictest class of the leaves in `from`. */
  readonly class: PiiClass;
  /** Type of the treated value. */
  readonly type: ColumnType;
  /** For the raw zone and silver: a gold column that is made of it must say why. */
  readonly rawOnly: boolean;
  readonly reviewed: string | null;
}

/** A value that is sent but never shown: its text form is `[secret NAME]`. */
export interface SecretText {
  reveal(): string;
  toString(): string;
}

/** Text with `{date}`-like placeholders still in it, filled by the source for each run. */
export type RequestText = string | SecretText;

/** A part of a body that is sent; objects are Maps. */
export type BodyValue =
  RequestText | number | boolean | null | readonly BodyValue[] | ReadonlyMap<string, BodyValue>;

/** How requests to a source are authenticated. */
export type AuthDefinition =
  | { readonly type: 'basic'; readonly username: RequestText; readonly password: RequestText }
  | {
      readonly type: 'oauth2';
      /** An absolute http(s) URL without query, fragment or userinfo; its origin may differ from the source's. */
      readonly tokenUrl: string;
      readonly clientId: RequestText;
      readonly clientSecret: RequestText;
      readonly scope: RequestText | null;
    };

export type BodyFormat = 'json' | 'ndjson' | 'csv';

export interface RequestDefinition {
  readonly method: 'GET' | 'POST';
  /** `file:` and a folder of the project, in place of the source's base URL; null where that holds. */
  readonly baseUrl: string | null;
  /** Below the base URL. Of a file source: a file, or a pattern with `*` in its last part. */
  readonly path: string;
  readonly query: ReadonlyMap<string, RequestText>;
  /** Sent as JSON with POST; null for none. */
  readonly body: ReadonlyMap<string, BodyValue> | null;
  /** Where the parameters of a page stand. */
  readonly paramsIn: 'query' | 'body';
  /** Of the body: JSON, one JSON record a line, or CSV with a header line. */
  readonly format: BodyFormat;
  /** Dotted path to the array of records; '' when the body is the array, and for formats other than `json`. */
  readonly records: string;
  /** What stands at `records` is an object whose values are the records; its keys are passed over. */
  readonly keyed: boolean;
  /** What stands at `records` may be one record instead of a list. */
  readonly singleAsList: boolean;
  readonly pagination: PaginationDefinition;
  /** Why a last page that says that there is more is the end all the same; null where it is an error. */
  readonly ignoreMore: string | null;
  /** Where an answer with status 200 says that it failed; null for the usual places. */
  readonly errorPath: string | null;
  readonly okPath: string | null;
}

export interface ContractDefinition {
  readonly onUnknownField: 'discard_value' | 'discard_row' | 'freeze';
  /** Share of the records from 0 to 1; more refused and nothing lands. */
  readonly maxRejected: number;
  /** JSON Schema 2020-12 of one record, as written, with `maxLength` completed where a value lands. */
  readonly schema: JsonSchema;
  /** Every leaf, in the order of the schema; those of an exploded array as if it were one element. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  /** Paths of leaves and objects that other datasets of the same pages decide on: here they are no unknown fields. */
  readonly elsewhere: ReadonlySet<string>;
}

export interface DatasetDefinition {
  readonly name: string;
  readonly time: 'by_date' | 'snapshot' | 'seeded';
  /** Lands by the hour beside the date, where the source has new rows at every call; null for once a date. */
  readonly slot: 'hour' | null;
  /** The dataset whose pages it is made of, with the same request; null where they are its own. */
  readonly of: string | null;
  /** Path of the array of which each element is a row; null where each record is one. */
  readonly explode: readonly string[] | null;
  readonly request: RequestDefinition;
  readonly contract: ContractDefinition;
  readonly rawZone: 'restricted' | 'open';
  readonly landing: readonly LandingColumn[];
  readonly drop: readonly string[];
  /** Names of landing columns; may be empty. */
  readonly primaryKey: readonly string[];
  readonly onDuplicate: 'keep_last' | 'keep_first' | 'fail';
  /** Share of its rows, 0 to 1, that a landed date may lose when it is replaced. */
  readonly maxDrop: number;
  readonly checks: readonly DatasetCheck[];
}

export interface SourceDefinition {
  /**
   * `embedded`, an absolute http(s) URL without query, fragment or userinfo, or `file:` and a folder of the project,
   * such as `file:data/rates` or `file:.`.
   */
  readonly baseUrl: string;
  readonly allowHttp: boolean;
  readonly concurrency: number;
  readonly retries: number;
  /** For a whole page, first header to last byte. */
  readonly timeoutMs: number;
  readonly rateLimit: { readonly requests: number; readonly perMs: number } | null;
  readonly headers: ReadonlyMap<string, RequestText>;
  readonly auth: AuthDefinition | null;
  readonly maxResponseBytes: number;
  readonly maxPages: number;
  readonly maxRecords: number;
}

export interface Definition {
  readonly pipeline: string;
  readonly description: string;
  /** File name relative to the project folder, for errors. */
  readonly file: string;
  /** Variables that the page lists under `env:`. */
  readonly env: readonly string[];
  readonly source: SourceDefinition;
  readonly datasets: ReadonlyMap<string, DatasetDefinition>;
}
