import type { MasterKey } from '../anonymize/keys.js';
import type { Arrival } from '../base/types/arrival.js';
import type { SourceDefinition } from '../base/types/definition.js';
import type { RunContext } from '../ledger/run-context.js';
import type { Project } from '../project.js';
import type { Authorization } from '../source/authorization.js';
import type { Pace } from '../source/pace.js';
import type { DatasetsOfPages } from '../source/request-text.js';
import type { Forgotten } from './forgotten.js';
import type { OpenSource } from './open-source.js';

/** How many processes take the pages of a pull. */
export interface Workers {
  readonly most: number;
  /** Pages that make another process worth its start. */
  readonly pagesEach: number;
}

export const ONE_PROCESS: Workers = { most: 1, pagesEach: 1 };

/** Datasets that share the same pages, to be staged for one date. */
export interface StagingWork {
  readonly project: Project;
  readonly context: RunContext;
  readonly datasets: DatasetsOfPages;
  readonly source: SourceDefinition;
  readonly from: OpenSource;
  readonly pace: Pace;
  readonly authorization: Authorization;
  readonly key: MasterKey;
  readonly date: string;
  readonly slot: string | null;
  readonly seed: string;
  readonly stagingDir: string;
  readonly limitPages: number | null;
  readonly workers: Workers;
  readonly timezone: string;
  readonly since: string | null;
  /** Records of another dataset that are asked for one by one; null for one pull. */
  readonly parents: readonly unknown[] | null;
  /** Called with files that the commit archives. */
  readonly onArrivals: (arrivals: readonly Arrival[]) => void;
  readonly forgotten: Pick<Forgotten, 'columnsOf' | 'formerOf'>;
  /** Fields of a dataset's records by which others are requested; null if none is. */
  readonly parentFieldsOf: (dataset: string) => readonly (readonly string[])[] | null;
}
