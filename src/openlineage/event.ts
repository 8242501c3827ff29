import { createHash } from 'node:crypto';
import type { JsonObject } from '../base/json-values.js';

/** Events of OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json), and what they are made of. */

export interface RunEvent {
  readonly eventType: EventType;
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: JobName & { readonly facets: Facets };
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
}

/** `ABORT` is a run that was stopped, or a stage that ended because another one failed. */
export type EventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

export interface JobName {
  readonly namespace: string;
  readonly name: string;
}

export interface DatasetName {
  readonly namespace: string;
  readonly name: string;
}

export interface LineageDataset extends DatasetName {
  readonly facets?: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

export type Facets = Readonly<Record<string, JsonObject>>;

const SPEC = 'https://openlineage.io/spec';
export const EVENT_SCHEMA = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;

/** Version and name of the schema of each facet, by its key in an event. */
const FACETS = {
  columnLineage: ['1-2-0', 'ColumnLineageDatasetFacet'],
  dataQualityAssertions: ['1-1-0', 'DataQualityAssertionsDatasetFacet'],
  documentation: ['1-1-0', 'DocumentationJobFacet'],
  errorMessage: ['1-0-1', 'ErrorMessageRunFacet'],
  inputStatistics: ['1-0-0', 'InputStatisticsInputDatasetFacet'],
  jobType: ['2-0-4', 'JobTypeJobFacet'],
  nominalTime: ['1-0-1', 'NominalTimeRunFacet'],
  outputStatistics: ['1-0-2', 'OutputStatisticsOutputDatasetFacet'],
  parent: ['1-2-0', 'ParentRunFacet'],
  processing_engine: ['1-1-1', 'ProcessingEngineRunFacet'],
  schema: ['1-2-0', 'SchemaDatasetFacet'],
  sql: ['1-1-0', 'SQLJobFacet'],
  storage: ['1-0-1', 'StorageDatasetFacet'],
} as const;

type FacetName = keyof typeof FACETS;

/** The names of a version of the tool in events. */
export function nameProducer(toolVersion: string): string {
  return `urn:lakeveil:${toolVersion}`;
}

/** Makes one facet under its key. */
export type MakeFacet = (name: FacetName, content: JsonObject) => Facets;

export function facetsOf(toolVersion: string): MakeFacet {
  const producer = nameProducer(toolVersion);
  return (name, content) => {
    const [version, schema] = FACETS[name];
    const url = `${SPEC}/facets/${version}/${schema}.json#/$defs/${schema}`;
    return { [name]: { _producer: producer, _schemaURL: url, ...content } };
  };
}

/**
 * The id of a stage or a model of a run: a UUIDv5 (RFC 9562, section 5.5) of its name, with the run's id as the namespace.
 * The run itself has its own id, which is a UUID.
 */
export function nameChildRun(runId: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(runId.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
