import { startEmbedded } from '../../fake-api/start.js';
import { findDefinition } from '../../src/project.js';
import { openHere } from '../canary/open-here.js';
import { startCanaryProxy } from './canary-proxy.js';
import type { Sandbox } from './cli.js';
import { createPlanter, type Planter, type Tampering, UNTAMPERED } from './plant-canaries.js';

/** The bundled API, with a canary in every leaf that may not show. */
export interface CanarySource {
  readonly url: string;
  readonly planter: Planter;
  readonly close: () => Promise<void>;
}

export async function startCanarySource(
  sandbox: Sandbox,
  pipeline: string,
  tampering: Tampering = UNTAMPERED,
): Promise<CanarySource> {
  const embedded = await startEmbedded();
  const definition = findDefinition(await openHere(sandbox), pipeline);
  const planter = createPlanter(definition);
  const proxy = await startCanaryProxy(embedded.url, (address, body) =>
    planter.plant(address, body, tampering),
  );
  return {
    ...{ url: proxy.url, planter },
    close: async () => {
      await Promise.all([proxy.close(), embedded.close()]);
    },
  };
}
