import { pino } from 'pino';
import type { Log, LogFields } from '../effects.js';
import type { LogLevel } from './log-level.js';
import { scrub } from './scrub.js';

/** Where text goes: `process.stderr`, or what a test hands in. */
export interface TextSink {
  write(text: string): unknown;
}

/**
 * A log of JSON lines: time, level, event, and flat fields. Anything but a scalar is refused with its place kept,
 * since an object could hold a record, and there is no serializer that would print an error's message.
 */
export function createLog(level: LogLevel, sink: TextSink, now: () => Date): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      serializers: {},
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => sink.write(line) },
  );
  return {
    debug: (event, fields) => {
      logger.debug(flatten(fields), scrub(event));
    },
    info: (event, fields) => {
      logger.info(flatten(fields), scrub(event));
    },
    warn: (event, fields) => {
      logger.warn(flatten(fields), scrub(event));
    },
  };
}

function flatten(fields: LogFields = {}): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [scrub(name), toScalar(value)]));
}

/** The type says scalar; a caller from plain JavaScript, or a cast, may not keep to it. */
function toScalar(value: unknown): string | number | boolean {
  if (typeof value === 'string') return scrub(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : '[refused]';
}
