import type { Config } from './config.js';
import type { Definition } from './definition/definition.js';
import type { Effects } from './effects.js';
import { failure } from './errors.js';
import type { LakeStore } from './lake/store.js';
import type { RunRecord } from './run-record.js';

/** Everything that work on a project needs, found once. */
export interface Project {
  readonly config: Config;
  readonly effects: Effects;
  /** By pipeline. */
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly lake: LakeStore;
  readonly toolVersion: string;
  /** Told of each run when it is in the ledger, with a way to see how far it is; absent where nobody watches. */
  readonly onRun?: (runId: string, look: () => RunRecord) => void;
}

/** @throws E_UNKNOWN naming the pipelines that are there */
export function findDefinition(project: Project, pipeline: string): Definition {
  const definition = project.definitions.get(pipeline);
  if (definition !== undefined) return definition;
  const known = [...project.definitions.keys()].sort().join(', ');
  throw failure('E_UNKNOWN', { kind: 'pipeline', known });
}
