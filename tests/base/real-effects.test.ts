import { describe, expect, it } from 'vitest';
import { createEffects } from '../../src/base/terminal/real-effects.js';

const effects = await createEffects({
  config: { logLevel: 'warn', logDir: 'logs', terminal: { color: false, interactive: false, width: 80 } },
  quiet: true,
  fetch: () => Promise.reject(new Error('not used here')),
  signal: new AbortController().signal,
});

describe('the real effects', () => {
  it('sleep rejects with the reason of the signal, before and during', async () => {
    const reason = new RangeError('stop');
    await expect(effects.sleep(10_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const slept = effects.sleep(10_000, controller.signal);
    controller.abort(reason);
    await expect(slept).rejects.toBe(reason);
  });

  it('sleep takes its time', async () => {
    const startedAtMs = performance.now();
    await effects.sleep(30, new AbortController().signal);
    expect(performance.now() - startedAtMs).toBeGreaterThan(25);
  });

  it('random is uniform in [0, 1)', () => {
    const draws = Array.from({ length: 4000 }, () => effects.random());
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });
});
