import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import { LOG_LEVELS, type LogLevel } from '../config/config.js';
import type { Log, LogFields } from '../effects.js';
import { scrub } from '../text/scrub.js';

/** Where text goes: `process.stderr`, or what a test hands in. */
export interface TextSink {
  write(text: string): unknown;
}

/**
 * A log of JSON lines: time, level, event, and flat fields. Anything but a scalar is refused with its place kept,
 * since an object could hold a record, and there is no serializer that would print an error's message.
 */
export function createLog(level: LogLevel, sink: TextSink, now: () => Date): Log {
  let logger: Logger | null = null;
  const write = (of: 'debug' | 'info' | 'warn', event: string, fields: LogFields | undefined): void => {
    if (LOG_LEVELS.indexOf(of) < LOG_LEVELS.indexOf(level)) return;
    logger ??= openLogger(level, sink, now);
    logger[of](flatten(fields), scrub(event));
  };
  return {
    debug: (event, fields) => {
      write('debug', event, fields);
    },
    info: (event, fields) => {
      write('info', event, fields);
    },
    warn: (event, fields) => {
      write('warn', event, fields);
    },
  };
}

/** Loaded at the first line that is written, since most runs write none. */
function openLogger(level: LogLevel, sink: TextSink, now: () => Date): Logger {
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino');
  return pino(
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
}

function flatten(fields: LogFields = {}): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [scrub(name), toScalar(value)]));
}

/** The type says scalar; a caller from plain JavaScript, or a cast, may not keep to it. */
function toScalar(value: unknown): string | number | boolean {
  if (typeof value === 'string') return scrub(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : '[refused]';
}
