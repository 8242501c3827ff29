import { failure } from '../src/base/errors.js';
import type { DriftKind } from '../src/base/types/run-record.js';
import type { Generation } from './persons/generations.js';
import type { FaultKind } from './server/fault-kinds.js';

/** How the embedded server behaves; nothing that a request says changes it. What is left out is as the default says. */
export interface EmbeddedOptions {
  /** On 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** What bookings and the store are drawn from; people are drawn from the request's own seed. Default `lakeveil`. */
  readonly seed?: string;
  /** Before each answer; default 0. */
  readonly latencyMs?: number;
  /** Share of the answers, 0 to 1, that go wrong in each way; default none. */
  readonly faultRates?: Readonly<Partial<Record<FaultKind, number>>>;
  /** Each URL goes wrong in this way at its first `tries` requests; default null. */
  readonly failFirst?: FailFirst | null;
  /** What a 429 that is a fault says in Retry-After; default 1 second. */
  readonly retryAfter?: RetryAfter;
  /** Draws the faults: the same seed lets the same try of the same URL fail; default `faults`. */
  readonly faultSeed?: string;
  /** More requests than this in a window of time are answered 429; default null. */
  readonly rateLimit?: RateLimit | null;
  /** The shape of people; default `today`. */
  readonly generation?: Generation;
  /** Of people; default none. */
  readonly drift?: readonly DriftKind[];
}

export type EmbeddedSettings = Readonly<Required<EmbeddedOptions>>;

export interface FailFirst {
  readonly tries: number;
  readonly kind: FaultKind;
}

export interface RetryAfter {
  readonly form: 'seconds' | 'date';
  readonly seconds: number;
}

export interface RateLimit {
  readonly requests: number;
  readonly perMs: number;
}

const DEFAULTS: EmbeddedSettings = {
  port: 0,
  seed: 'lakeveil',
  latencyMs: 0,
  faultRates: {},
  failFirst: null,
  retryAfter: { form: 'seconds', seconds: 1 },
  faultSeed: 'faults',
  rateLimit: null,
  generation: 'today',
  drift: [],
};

/** Fills in the defaults; a number out of its bounds is E_USAGE. */
export function completeOptions(options: EmbeddedOptions): EmbeddedSettings {
  const settings = { ...DEFAULTS, ...options };
  requireWhole('port', settings.port, 65_535);
  requireWhole('latency', settings.latencyMs, 600_000);
  requireWhole('failing tries', settings.failFirst?.tries ?? 0, 1_000);
  requireWhole('Retry-After', settings.retryAfter.seconds, 86_400);
  requireWhole('rate limit', settings.rateLimit?.requests ?? 0, 1_000_000);
  requireWhole('time of the rate limit', settings.rateLimit?.perMs ?? 0, 86_400_000);
  requireShares(Object.values(settings.faultRates));
  return settings;
}

function requireWhole(name: string, value: number, maximum: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return;
  throw failure('E_USAGE', {
    what: `the ${name} of the embedded server is not a number that it can use`,
    hint: `give a whole number from 0 to ${maximum}`,
  });
}

function requireShares(rates: readonly number[]): void {
  const sum = rates.reduce((total, rate) => total + rate, 0);
  if (rates.every((rate) => rate >= 0 && rate <= 1) && sum <= 1) return;
  throw failure('E_USAGE', {
    what: 'the failure rates of the embedded server are not shares of its answers',
    hint: 'give each a number from 0 to 1, and together at most 1',
  });
}
