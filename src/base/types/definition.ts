/** A pipeline's definition as every stage sees it: complete, checked, nothing optional whose default lives elsewhere. */
import type { ScheduleDefinition } from '../dates/cron.js';
import type { MomentForm } from '../dates/moments.js';
import type { PaginationDefinition } from '../pagination/registry.js';
import type { CsvDefinition } from './csv-definition.js';
import type { DatasetCheck } from './dataset-check.js';
import type { ReleaseDefinition } from './release.js';

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

/** Of a landed column: a list where the treatment is applied to each element. */
export type LandedType = ColumnType | `${ColumnType}[]`;

/** The type of one treated value. */
export function elementTypeOf(type: LandedType): ColumnType {
  const name = type.replace('[]', '');
  return PLAIN_TYPES.find((known) => known === name) ?? `DECIMAL(18,${Number(name.slice(11, -1))})`;
}

/** What bounds the values of a leaf, so that it may be kept. */
export type Bound =
  | { readonly kind: 'enum'; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'format'; readonly format: 'date' | 'time' | 'date-time' | 'duration' | 'uuid' }
  | { readonly kind: 'pattern'; readonly pattern: string; readonly maxLength: number | null }
  | { readonly kind: 'range'; readonly minimum: number; readonly maximum: number };
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One scalar of the contract. */
export interface Leaf {
  /** Dotted path in its one spelling, such as `address.city` or `"first.name"` (`writePath`). */
  readonly path: string;
  readonly segments: readonly string[];
  readonly class: PiiClass;
  readonly type: ColumnType;
  /** Present and not null in every record that passes the contract. */
  readonly required: boolean;
  readonly bound: Bound | null;
  readonly onInvalid: 'reject' | 'set_null';
  /** Where a record has several values of it: in a list of its own, or in a map that is not exploded; null for one. */
  readonly many: 'list' | 'map' | null;
  /** How the source writes it, where it is a date or a moment that is rewritten before it is masked; null for others. */
  readonly moment: MomentForm | null;
  /** The schema of one value, completed: a string has `maxLength` unless nothing of it lands. */
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
  /** The treatment is applied to each element of a list; else to the value. */
  readonly each: boolean;
  /** Type of the treated value, or of the list of treated values. */
  readonly type: LandedType;
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
      /** Where the client names itself: HTTP Basic, or the form (RFC 6749, 2.3.1). */
      readonly credentials: 'header' | 'body';
      /** Of the token request, beside the grant: scope, audience, resource and others. */
      readonly params: ReadonlyMap<string, RequestText>;
    }
  | {
      readonly type: 'api_key';
      readonly in: 'header' | 'query';
      /** Of the header or the query parameter. */
      readonly name: string;
      readonly key: RequestText;
    };

export type BodyFormat = 'json' | 'ndjson' | 'csv';

/** The instant from which on changes are asked for: the start of the last run that succeeded. */
export interface SinceDefinition {
  /** Asked for again before that start, in ms. */
  readonly overlapMs: number;
  /** ISO 8601; where no run has succeeded. */
  readonly initial: string;
}

/** Requests for each record of another dataset. */
export interface ForEachDefinition {
  readonly dataset: string;
  /** The parent in placeholders such as `{team.id}`, and the field of the records that holds it. */
  readonly as: string;
  /** Statuses that say that a parent has no such records. */
  readonly emptyStatus: readonly number[];
  /** Fields of the parent that the request or the contract uses. */
  readonly fields: readonly (readonly string[])[];
}

/** Where the records stand in a body of JSON. */
export interface RecordPlace {
  /** Dotted path to the array of records; '' when the body is the array, and for formats other than `json`. */
  readonly records: string;
  /** What stands at `records` is an object whose values are the records, or lists of them. */
  readonly keyed: boolean;
  /** The field that each record of such an object gets its key as; null where keys are ignored. */
  readonly keyAs: string | null;
  /** What stands at `records` may be one record instead of a list. */
  readonly singleAsList: boolean;
  /** For records that are lists of values: their names, or the path of a list of them. Null for records that are objects. */
  readonly columns: string | readonly string[] | null;
}

export interface RequestDefinition extends RecordPlace {
  readonly method: 'GET' | 'POST';
  /** `file:` and a folder of the project, in place of the source's base URL; null where that holds. */
  readonly baseUrl: string | null;
  /** Below the base URL. Of a file source: a file, or a pattern with `*` in its last part. */
  readonly path: string;
  /** Folder of the project to which files move when they land, below their date; null where they stay. */
  readonly archive: string | null;
  /** A parameter with several texts is sent as often. */
  readonly query: ReadonlyMap<string, RequestText | readonly RequestText[]>;
  readonly body: ReadonlyMap<string, BodyValue> | null;
  /** How a body of a POST is written, and where the parameters of a page stand. */
  readonly bodyFormat: 'json' | 'form';
  readonly paramsIn: 'query' | 'body';
  /** Of the body: JSON, one JSON record a line, or CSV with a header line. */
  readonly format: BodyFormat;
  /** Charset of the body, a label of the WHATWG Encoding Standard; null for what the body and its header say. */
  readonly encoding: string | null;
  readonly csv: CsvDefinition;
  readonly pagination: PaginationDefinition;
  /** Why a last page that says that there is more is the end all the same; null where it is an error. */
  readonly ignoreMore: string | null;
  readonly errorPath: string | null;
  /** With `errorPath`, where an answer with status 200 says that it failed; null for the usual places. */
  readonly okPath: string | null;
  /** What to do if a record comes on two pages, which means that the pages moved and another record may be missing. */
  readonly onPageDrift: 'fail' | 'warn' | 'refetch';
  /** What `{last_success}` stands for; null where the request does not use it. */
  readonly since: SinceDefinition | null;
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
  /** Paths of fields that are not in the schema, but that drift may name in the ledger. */
  readonly expected: ReadonlySet<string>;
}

/** The list of which each element is a row, or the map of which each entry is. */
export interface Explode {
  /** Its path in the record; lists on the way are gone through. */
  readonly segments: readonly string[];
  /** For each step of the path, whether the contract requires it. */
  readonly required: readonly boolean[];
  /** The field of the row that holds the element; null for the list's own place. */
  readonly as: string | null;
  /** An entry of a map is an element with the fields `key` and `value`. */
  readonly isMap: boolean;
  /** What stands in the list's place may be its only element. */
  readonly singleAsList: boolean;
}

export interface DatasetDefinition {
  readonly name: string;
  readonly time: 'by_date' | 'snapshot' | 'seeded';
  /** Lands by the hour beside the date, where the source has new rows at every call; null for once a date. */
  readonly slot: 'hour' | null;
  /** The dataset whose pages it is made of, with the same request; null where they are its own. */
  readonly of: string | null;
  /** Whose records each make requests of their own; null for one pull. */
  readonly forEach: ForEachDefinition | null;
  /** Null where each record is a row. */
  readonly explode: Explode | null;
  readonly request: RequestDefinition;
  /** A list of records of its own in the pages of another dataset; null for that of the request. */
  readonly place: RecordPlace | null;
  readonly contract: ContractDefinition;
  readonly rawZone: 'restricted' | 'open';
  readonly landing: readonly LandingColumn[];
  readonly drop: readonly string[];
  /** Names of landing columns; may be empty. */
  readonly primaryKey: readonly string[];
  readonly onDuplicate: 'keep_last' | 'keep_first' | 'fail';
  /** Share of its rows, 0 to 1, that a landed date may lose when it is replaced. */
  readonly maxDrop: number;
  /** The newest date is late once it landed longer ago than this, in milliseconds; null for no limit. */
  readonly freshnessMs: number | null;
  /** Dates before the date this many days ago (UTC) are pruned by each run; null to keep them. */
  readonly retentionDays: number | null;
  /** Whether landed text is searched for direct values of its record, and the share of rows that may lose a cell for it. */
  readonly prove: 'on' | 'off';
  readonly maxWithheld: number;
  readonly checks: readonly DatasetCheck[];
}

export interface SourceDefinition {
  /** `embedded`, an absolute http(s) URL without query, fragment or userinfo, or `file:` and a folder of the project. */
  readonly baseUrl: string;
  readonly allowHttp: boolean;
  readonly concurrency: number;
  readonly retries: number;
  /** For a whole page, first header to last byte. */
  readonly timeoutMs: number;
  /** The longest wait that a source may ask for. */
  readonly maxWaitMs: number;
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
  /** Of the source's days: an IANA name such as `Europe/Berlin`. */
  readonly timezone: string;
  /** Null where the scheduler leaves the pipeline out. */
  readonly schedule: ScheduleDefinition | null;
  /** People below which a row of its reports shows no numbers; null to show all. */
  readonly minCell: number | null;
  /** File name relative to the project folder, for errors. */
  readonly file: string;
  /** Variables under `env:`. */
  readonly env: readonly string[];
  readonly source: SourceDefinition;
  readonly datasets: ReadonlyMap<string, DatasetDefinition>;
  readonly releases: readonly ReleaseDefinition[];
}
