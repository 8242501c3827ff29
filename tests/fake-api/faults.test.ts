import { expect, test } from 'vitest';
import { completeOptions, type EmbeddedOptions } from '../../fake-api/options.js';
import { FAULT_KINDS } from '../../fake-api/server/fault-kinds.js';
import { planFaults } from '../../fake-api/server/faults.js';
import { createRateGate } from '../../fake-api/server/rate-limit.js';
import { LakeveilError } from '../../src/base/errors.js';

const URLS = Array.from({ length: 4_000 }, (_, page) => `/api/v2/persons?_seed=${String(page)}`);

test('nothing goes wrong unless asked', () => {
  expect(URLS.map(planFaults(completeOptions({}))).every((fault) => fault === null)).toBe(true);
});

test('each kind goes wrong at its rate', () => {
  const faultRates = { reset: 0.1, html: 0.25 };
  const drawn = URLS.map(planFaults(completeOptions({ faultRates })));
  const share = (kind: string | null): number =>
    drawn.filter((fault) => fault === kind).length / drawn.length;
  expect(share('reset')).toBeCloseTo(0.1, 1);
  expect(share('html')).toBeCloseTo(0.25, 1);
  expect(share(null)).toBeCloseTo(0.65, 1);
});

test('a rate of 1 lets nothing through', () => {
  const drawn = URLS.map(planFaults(completeOptions({ faultRates: { server_error: 1 } })));
  expect(new Set(drawn)).toEqual(new Set(['server_error']));
});

test('faults depend on the seed, the URL and its tries, not on the order of arrival', () => {
  const settings = completeOptions({ faultRates: { reset: 0.5 } });
  const forward = URLS.map(planFaults(settings));
  const backward = [...URLS].reverse().map(planFaults(settings)).reverse();
  expect(backward).toEqual(forward);
  expect(URLS.map(planFaults({ ...settings, faultSeed: 'another' }))).not.toEqual(forward);
});

test.each(FAULT_KINDS)('each URL can fail by %s at its first tries', (kind) => {
  const plan = planFaults(completeOptions({ failFirst: { tries: 2, kind } }));
  expect(['/a', '/b', '/a', '/a', '/b', '/b'].map(plan)).toEqual([kind, kind, kind, null, kind, null]);
});

test.each<[string, EmbeddedOptions]>([
  ['a rate above 1', { faultRates: { html: 1.5 } }],
  ['a rate below 0', { faultRates: { html: -0.1 } }],
  ['rates that are more than 1 together', { faultRates: { html: 0.6, reset: 0.6 } }],
  ['a rate that is no number', { faultRates: { html: NaN } }],
  ['a port out of range', { port: 70_000 }],
  ['half a millisecond', { latencyMs: 0.5 }],
  ['a limit below 0', { rateLimit: { requests: -1, perMs: 1_000 } }],
])('%s is refused', (_, options) => {
  expect(() => completeOptions(options)).toThrow(LakeveilError);
  expect(() => completeOptions(options)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
});

test('the rate limit opens again when the window has moved on', () => {
  const gate = createRateGate({ requests: 2, perMs: 1_000 });
  expect([0, 400, 500, 999].map(gate)).toEqual([0, 0, 500, 1]);
  expect([1_000, 1_001, 1_400].map(gate)).toEqual([0, 399, 0]);
});
