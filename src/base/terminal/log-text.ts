import type { LogFields } from '../effects.js';
import { formatSeconds } from '../text/numbers.js';

type Fields = Readonly<Record<string, string | number | boolean>>;

/** Sentences of events that people see while they wait; other events are shown by their names and fields. */
const SENTENCES: Readonly<Record<string, (fields: Fields) => string>> = {
  run_started: ({ command, pipeline, date }) => `${text(command)} of ${text(pipeline)}${on(date)} started`,
  records_counted: ({ dataset, fetched, landed, rejected, duplicates }) =>
    `${text(dataset)}: fetched ${text(fetched)}, landed ${text(landed)}, rejected ${text(rejected)}, duplicates ${text(duplicates)}`,
  table_built: ({ model, rows, built }) => `${text(model)}: ${text(rows)} rows (${text(built)})`,
  run_ended: ({ status, ms }) => `${text(status)} after ${formatSeconds(Number(ms))}`,
  run_failed: ({ status, ms, code, message, next }) =>
    `${text(status)} after ${formatSeconds(Number(ms))}: ${text(message)} (${text(code)}). Next: ${text(next)}`,
  retry: ({ dataset, page, code, wait_ms }) =>
    `${text(dataset)}: page ${text(page)} is requested again in ${text(wait_ms)} ms (${text(code)})`,
  check_failed: ({ check, date, severity, found }) =>
    `check ${text(check)}${on(date)} found ${text(found)} (severity ${text(severity)})`,
  alert_not_sent: ({ channel, problem }) =>
    `an alert was not sent by ${text(channel ?? 'any channel')} (${text(problem)})`,
  waiting_for_the_lake: ({ holder }) => `waiting for the lake, which is locked by ${text(holder)}`,
  waiting_for_the_target: ({ holder }) => `waiting for the target, which is locked by ${text(holder)}`,
  column_is_a_word_of_sql: ({ dataset, column }) =>
    `column ${text(column)} of ${text(dataset)} is a word of SQL: write it in double quotes`,
  files_wait: ({ path, files, changed_within_s }) =>
    `${text(files)} files of ${text(path)} were changed in the last ${text(changed_within_s)} s, and wait for the next run`,
  log_not_written: ({ path, kind }) => `cannot write the log ${text(path)} (${text(kind)})`,
};

/** An event and its fields as text for people: `run started: command run, pipeline persons`. */
export function formatEvent(event: string, fields: LogFields): string {
  const sentence = SENTENCES[event];
  if (sentence !== undefined) return sentence(fields);
  const parts = Object.entries(fields).map(([name, value]) => `${nameInWords(name)} ${String(value)}`);
  const name = nameInWords(event);
  return parts.length === 0 ? name : `${name}: ${parts.join(', ')}`;
}

function nameInWords(name: string): string {
  return name.replaceAll('_', ' ');
}

function text(value: string | number | boolean | undefined): string {
  return value === undefined ? '?' : String(value);
}

function on(date: string | number | boolean | undefined): string {
  return date === undefined ? '' : ` on ${text(date)}`;
}
