import {
  drip,
  emptyObjects,
  gzipBomb,
  json,
  openBrackets,
  resetMidBody,
  slowHeaders,
  stackedGzips,
} from '../support/stub-api.js';
import { answerFrom, type Fault, PEOPLE, tryFaults, useFaultySource } from './faulty-scene.js';

/** What may hold a process up or fill its memory. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'a refusal for ever (500)': { answer: () => json(PEOPLE, {}, 500), code: 'E_SOURCE_STATUS' },
  silence: { answer: () => slowHeaders(30_000, json(PEOPLE)), code: 'E_SOURCE_TIMEOUT' },
  'a drip': { answer: () => drip(PEOPLE), code: 'E_SOURCE_TIMEOUT' },
  'a reset in the body': { answer: () => resetMidBody(PEOPLE), code: 'E_SOURCE_BODY' },
  'a gzip bomb': { answer: () => gzipBomb(), code: 'E_SOURCE_TOO_LARGE' },
  'three gzips': { answer: () => stackedGzips(), code: 'E_SOURCE_BODY' },
  '100,000 brackets': { answer: () => openBrackets(), code: 'E_SOURCE_STRUCTURE' },
  '64 MB of {}': { answer: () => emptyObjects(), code: 'E_SOURCE_TOO_LARGE' },
};

/** Tried in a process of their own: what may end one, hold it up, fill its memory, or make it talk. */
const ALONE = new Set([
  'a refusal for ever (500)',
  'a drip',
  'a reset in the body',
  'a gzip bomb',
  '64 MB of {}',
]);

tryFaults(useFaultySource(answerFrom(FAULTS)), FAULTS, ALONE);
