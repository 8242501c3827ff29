import * as Flags from '@oclif/core/flags';
import type { EmbeddedOptions, RateLimit } from '../../fake-api/options.js';
import { type Generation, GENERATIONS } from '../../fake-api/persons/generations.js';
import { DRIFTS } from '../../fake-api/server/drift.js';
import { FAULT_KINDS, type FaultKind } from '../../fake-api/server/fault-kinds.js';
import { failure } from '../../src/base/errors.js';
import { parseRate, RATE } from '../../src/definition/read/units.js';
import { UsageError } from './usage-error.js';

/** Flags of `fake-api`: the faults that the embedded server simulates. */

type Drift = (typeof DRIFTS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly rate: number;
}

export const faultFlag = Flags.custom<Fault>({
  helpValue: 'KIND=RATE',
  parse: (input) => Promise.resolve(parseFault(input)),
});

export const generationFlag = Flags.custom<Generation>({
  helpValue: 'NAME',
  parse: (input) => Promise.resolve(choose('generation', GENERATIONS, input)),
});

export const driftFlag = Flags.custom<Drift>({
  helpValue: 'KIND',
  parse: (input) => Promise.resolve(choose('drift', DRIFTS, input)),
});

export const rateLimitFlag = Flags.custom<RateLimit>({
  helpValue: 'N/min',
  parse: (input) => Promise.resolve(parseRateLimit(input)),
});

interface ParsedFlags {
  readonly port: number | undefined;
  readonly latency: number | undefined;
  readonly fail: readonly Fault[] | undefined;
  readonly generation: Generation | undefined;
  readonly drift: readonly Drift[] | undefined;
  readonly 'rate-limit': RateLimit | undefined;
}

export function toEmbeddedOptions(flags: ParsedFlags): EmbeddedOptions {
  return {
    port: flags.port ?? 0,
    latencyMs: flags.latency ?? 0,
    faultRates: Object.fromEntries((flags.fail ?? []).map(({ kind, rate }) => [kind, rate])),
    generation: flags.generation ?? 'today',
    drift: flags.drift ?? [],
    rateLimit: flags['rate-limit'] ?? null,
  };
}

function parseFault(input: string): Fault {
  const [name = '', share = ''] = input.split('=', 2);
  const kind = FAULT_KINDS.find((known) => known === name);
  if (kind === undefined || !/^(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/.test(share)) {
    throw usageError(
      `--fail must be KIND=RATE; KIND is one of ${FAULT_KINDS.join(', ')}, RATE is from 0 to 1`,
      'for example: `--fail server_error=0.1`',
    );
  }
  return { kind, rate: Number(share) };
}

function parseRateLimit(input: string): RateLimit {
  if (RATE.test(input)) return parseRate(input);
  throw usageError('--rate-limit must be a number per s, min or h', 'for example: `--rate-limit 30/min`');
}

function choose<T extends string>(flag: string, choices: readonly T[], input: string): T {
  const chosen = choices.find((choice) => choice === input);
  if (chosen !== undefined) return chosen;
  throw usageError(
    `--${flag} must be one of ${choices.join(', ')}`,
    `for example: \`--${flag} ${choices[0] ?? ''}\``,
  );
}

function usageError(what: string, hint: string): UsageError {
  return new UsageError(failure('E_USAGE', { what, hint }));
}
