import { setTimeout as sleep } from 'node:timers/promises';
import { createFetch } from '../../src/source/http.js';
import { EventSender } from '../../src/openlineage/send-events.js';
import { EVENT_SCHEMA, type RunEvent } from '../../src/openlineage/event.js';

/** Appends events to a file, two at once, as often as the arguments say. */
const { file, letter, times } = JSON.parse(process.argv[2] ?? '') as {
  file: string;
  letter: string;
  times: number;
};
const log = { debug: () => undefined, info: () => undefined, warn: () => process.exit(1) };
const effects = { fetch: createFetch({ connections: 1 }), sleep: (ms: number) => sleep(ms), log };
const sender = new EventSender({ settings: { endpoint: null, apiKey: null, file }, effects });
const event: RunEvent = {
  eventType: 'START',
  eventTime: '2026-03-01T00:00:00.000Z',
  producer: 'urn:t',
  schemaURL: EVENT_SCHEMA,
  run: { runId: '019a0000-0000-7000-8000-00000000000a', facets: {} },
  // Longer than what a pipe takes at once.
  job: { namespace: 'lakeveil', name: letter.repeat(100_000), facets: {} },
  inputs: [],
  outputs: [],
};
for (let time = 0; time < times; time++) await sender.send([event, event]);
