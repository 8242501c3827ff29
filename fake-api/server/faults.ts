import type { EmbeddedSettings } from '../options.js';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.js';
import { createRandom } from './random.js';

export type FaultSettings = Pick<EmbeddedSettings, 'faultRates' | 'failFirst' | 'faultSeed'>;

/** Says for each request how its answer goes wrong, or null. */
export type FaultPlan = (url: string) => FaultKind | null;

/** A plan that depends on the URL and on how often it was asked for, and so not on the order in which requests arrive. */
export function planFaults(settings: FaultSettings): FaultPlan {
  if (settings.failFirst === null && Object.keys(settings.faultRates).length === 0) return () => null;
  const tries = new Map<string, number>();
  return (url) => {
    const attempt = (tries.get(url) ?? 0) + 1;
    tries.set(url, attempt);
    if (settings.failFirst !== null && attempt <= settings.failFirst.tries) return settings.failFirst.kind;
    return drawFault(settings, url, attempt);
  };
}

function drawFault(settings: FaultSettings, url: string, attempt: number): FaultKind | null {
  let rest = createRandom(`${settings.faultSeed}:${attempt}:${url}`)();
  for (const kind of FAULT_KINDS) {
    rest -= settings.faultRates[kind] ?? 0;
    if (rest < 0) return kind;
  }
  return null;
}
