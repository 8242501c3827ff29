import { loadConfig } from '../../src/base/config/config.js';
import type { Effects } from '../../src/base/effects.js';
import type { IngestRequest } from '../../src/ingest/plan-ingest.js';
import { openProject, type Project } from '../../src/project.js';
import { makeEffects } from '../source/harness.js';
import { baseEnvironment, type Environment, type Sandbox } from '../support/cli.js';

/** A sandbox's project in this process, as its commands would open it, but with effects of the test's own. */
export async function openHere(
  { root, project }: Sandbox,
  effects: Partial<Effects> = {},
  environment: Environment = {},
): Promise<Project> {
  const config = loadConfig({ project, environment: { ...baseEnvironment(root), ...environment } });
  return await openProject({ config, effects: makeEffects(effects) });
}

/** What `pipeline run persons` asks for when only these things are said. */
export function requestFor(said: Partial<IngestRequest> & Pick<IngestRequest, 'date'>): IngestRequest {
  return {
    ...{ pipeline: 'persons', slot: null, dataset: null, source: null, seed: null },
    ...{ force: false, asOfNow: false, limitPages: null },
    ...said,
  };
}
