import { LOG_LEVELS, type LogLevel } from '../config/config.js';
import type { Log, LogFields } from '../effects.js';
import { scrub } from '../text/scrub.js';
import { formatEvent } from './log-text.js';

/** Where text is written: `process.stderr`, a file, or a test's own sink. */
export interface TextSink {
  write(text: string): unknown;
}

/** A sink, what it takes, and how it shows a line. */
interface LogTarget {
  readonly level: LogLevel;
  readonly sink: TextSink;
  /** `people`: a sentence, and a warning once; `json`: one document a line. */
  readonly form: 'json' | 'people';
  /** Whether it takes what the command prints as well. */
  readonly takesReported: boolean;
}

/**
 * A log of lines: time, level, event, run id and flat fields. Any value other than a scalar is replaced, since an object could
 * hold a record, and no error is printed as such.
 */
export function createLog(targets: readonly LogTarget[], now: () => Date): Log {
  let run: string | null = null;
  const warned = new Set<string>();
  const write = (
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    fields: LogFields | undefined,
    isReported = false,
  ): void => {
    const wanted = targets.filter((target) => (!isReported || target.takesReported) && takes(target, level));
    if (wanted.length === 0) return;
    const flat = flatten(fields);
    const ofRun = run === null || 'run_id' in flat ? {} : { run_id: run };
    const head = { level, time: now().toISOString() };
    const json = `${JSON.stringify({ ...head, ...ofRun, ...flat, event: scrub(event) })}\n`;
    for (const { form, sink } of wanted) {
      if (form === 'json') {
        sink.write(json);
        continue;
      }
      const text = `${level === 'warn' ? 'Warning: ' : ''}${formatEvent(event, flat)}\n`;
      if (level === 'warn' && warned.has(text)) continue;
      warned.add(text);
      sink.write(text);
    }
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
    reported: (level, event, fields) => {
      write(level, event, fields, true);
    },
    setRun: (runId) => {
      run = runId;
    },
  };
}

function takes({ level }: LogTarget, of: LogLevel): boolean {
  return LOG_LEVELS.indexOf(of) >= LOG_LEVELS.indexOf(level);
}

function flatten(fields: LogFields = {}): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [scrub(name), toScalar(value)]));
}

/** Checked at run time too, since plain JavaScript or a cast can pass other values. */
function toScalar(value: unknown): string | number | boolean {
  if (typeof value === 'string') return scrub(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : '[rejected]';
}
