import type {
  LakeModel,
  OverviewModel,
  PipelineModel,
  PrivacyModel,
  RunModel,
  RunsModel,
} from './data/models.js';
import type { Surroundings } from './views/layout.js';

/** What pages are made from, gathered by whoever knows the lake. All of it throws errors of the catalogue. */
export interface Site {
  /** A text that changes when what pages show may have changed. */
  readonly version: () => Promise<string>;
  readonly surroundings: () => Promise<Omit<Surroundings, 'current'>>;
  readonly overview: () => Promise<OverviewModel>;
  /** `date` null is the newest landed one. */
  readonly pipeline: (pipeline: string, date: string | null) => Promise<PipelineModel>;
  readonly runs: (pipeline: string | null, before: string | null) => Promise<RunsModel>;
  /** Null if the ledger has no such run. */
  readonly run: (runId: string) => Promise<RunModel | null>;
  readonly privacy: (pipeline: string) => Promise<PrivacyModel>;
  readonly lake: (pipeline: string, year: string | null) => Promise<LakeModel>;
  /** As `export` writes it. */
  readonly csv: (pipeline: string, report: string, date: string) => Promise<string>;
}
