import { loadConfig } from '../../src/config.js';
import type { Effects } from '../../src/effects.js';
import type { IngestRequest } from '../../src/operations/plan-ingest.js';
import { openProject } from '../../src/operations/open-project.js';
import type { Project } from '../../src/project.js';
import { makeEffects } from '../source/harness.js';
import { baseEnvironment } from '../support/cli.js';
import type { Environment, Sandbox } from '../support/cli.js';

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
