import type {
  LakeModel,
  OverviewModel,
  PipelineModel,
  RunFilter,
  RunModel,
  RunsModel,
} from './data/models.js';
import type { PrivacyModel } from './data/privacy-models.js';
import type { Surroundings } from './views/layout.js';

/** The data behind each view. Every function throws errors of the catalogue. */
export interface Site {
  /** A text that changes whenever the content of a view may have changed. */
  readonly version: () => Promise<string>;
  readonly surroundings: () => Promise<Omit<Surroundings, 'current'>>;
  readonly overview: () => Promise<OverviewModel>;
  /** A null `date` means the newest landed date. */
  readonly pipeline: (pipeline: string, date: string | null) => Promise<PipelineModel>;
  readonly runs: (pipeline: string | null, before: string | null, filter: RunFilter) => Promise<RunsModel>;
  /** Null if the ledger has no such run. */
  readonly run: (runId: string) => Promise<RunModel | null>;
  readonly privacy: (pipeline: string) => Promise<PrivacyModel>;
  readonly lake: (pipeline: string, year: string | null) => Promise<LakeModel>;
  /** The CSV of a report, as `export` writes it. */
  readonly csv: (pipeline: string, report: string, date: string) => Promise<string>;
}
