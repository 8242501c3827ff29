import type { LogFields } from '../effects.js';

type Fields = Readonly<Record<string, string | number | boolean>>;

/** Sentences of events that people see while they wait; other events are shown by their names and fields. */
const SENTENCES: Readonly<Record<string, (fields: Fields) => string>> = {
  waiting_for_the_lake: ({ holder }) => `waiting for the lake, which is locked by ${String(holder)}`,
  waiting_for_the_target: ({ holder }) => `waiting for the target, which is locked by ${String(holder)}`,
  column_is_a_word_of_sql: ({ dataset, column }) =>
    `column ${String(column)} of ${String(dataset)} is a word of SQL: write it in double quotes`,
  files_wait: ({ path, files, changed_within_s }) =>
    `${String(files)} files of ${String(path)} were changed in the last ${String(changed_within_s)} s, and wait for the next run`,
  log_not_written: ({ path, kind }) => `cannot write the log ${String(path)} (${String(kind)})`,
};

/** An event and its fields as text for people: `run started: command run, pipeline persons`. */
export function formatEvent(event: string, fields: LogFields): string {
  const sentence = SENTENCES[event];
  if (sentence !== undefined) return sentence(fields);
  const parts = Object.entries(fields).map(([name, value]) => `${nameInWords(name)} ${String(value)}`);
  const text = nameInWords(event);
  return parts.length === 0 ? text : `${text}: ${parts.join(', ')}`;
}

function nameInWords(name: string): string {
  return name.replaceAll('_', ' ');
}
