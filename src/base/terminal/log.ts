import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import { LOG_LEVELS, type LogLevel } from '../config/config.js';
import type { Log, LogFields } from '../effects.js';
import { scrub } from '../text/scrub.js';

/** Where text is written: `process.stderr`, or a test's own sink. */
export interface TextSink {
  write(text: string): unknown;
}

/**
 * A log of JSON lines: time, level, event and flat fields. Any value other than a scalar is replaced, since an object could
 * hold a record, and no serializer prints the message of an error.
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

/** Loaded when the first line is written, since most runs write none. */
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

/** Checked at run time too, since plain JavaScript or a cast can pass other values. */
function toScalar(value: unknown): string | number | boolean {
  if (typeof value === 'string') return scrub(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : '[rejected]';
}
