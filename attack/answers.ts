import { gzipSync } from 'node:zlib';
import { makeCanaries, makeCanary } from '../tests/support/canary-people.js';
import {
  type Answer,
  bytes,
  emptyObjects,
  gzipBomb,
  hangUpMidBody,
  html,
  json,
  nextLink,
  openBrackets,
  redirect,
  reset,
  resetMidBody,
  retryAfter,
  stackedGzips,
  status,
} from '../tests/support/stub-api.js';

/** Records of the pull. Each is a canary, so that whatever shows one of its values is found. */
export const RECORDS = 30;

/** `landed`: all records are accounted for. `refused`: nothing lands, and the lake is unchanged. */
export type AnswerVerdict = 'landed' | 'refused';

export interface HostileAnswer {
  readonly answer: Answer;
  readonly verdict: AnswerVerdict;
}

const PEOPLE = makeCanaries(RECORDS);
const ENVELOPE = { status: 'OK', code: 200, total: RECORDS, data: PEOPLE };
const TEXT = JSON.stringify(ENVELOPE);

function refused(answer: Answer): HostileAnswer {
  return { answer, verdict: 'refused' };
}

function landed(answer: Answer): HostileAnswer {
  return { answer, verdict: 'landed' };
}

/** The text of the whole answer, with one record written by hand. */
function withRecord(record: string): string {
  return TEXT.replace(JSON.stringify(PEOPLE[7]), () => record);
}

/** The answer with one record changed. */
function withChanges(changes: Readonly<Record<string, unknown>>): Answer {
  return bytes(withRecord(JSON.stringify(makeCanary(7, changes))));
}

const ONE = JSON.stringify(PEOPLE[7]);
const LONG = 'KanaryMail'.repeat(20_000);

/** By name. A new shape is one line more. */
export const HOSTILE_ANSWERS: Readonly<Record<string, HostileAnswer>> = {
  // Texts that are no JSON, or not only
  nothing: refused(bytes('')),
  blanks: refused(bytes(' \n\t ')),
  null: refused(bytes('null')),
  true: refused(bytes('true')),
  'a number': refused(bytes('42')),
  'a text': refused(bytes('"KanaryMail@x.example"')),
  'a list of numbers': refused(bytes('[1,2,3]')),
  'an empty object': refused(bytes('{}')),
  'two documents': refused(bytes(TEXT + TEXT)),
  'a document and rubbish': refused(bytes(`${TEXT} KanaryMail`)),
  'lines of JSON': refused(bytes(PEOPLE.map((one) => JSON.stringify(one)).join('\n'))),
  'half a document': refused(bytes(TEXT.slice(0, -60))),
  'a trailing comma': refused(bytes(TEXT.replace(/\]\}$/, ',]}'))),
  'single quotes': refused(bytes(TEXT.replaceAll('"', "'"))),
  'a comment': refused(bytes(`/* KanaryMail */${TEXT}`)),
  NaN: refused(bytes(withRecord(ONE.replace(/"latitude":[^,]+/, '"latitude":NaN')))),
  Infinity: refused(bytes(withRecord(ONE.replace(/"latitude":[^,]+/, '"latitude":-Infinity')))),
  'a control character in a text': refused(
    bytes(withRecord(ONE.replace('Kanaryfirst', 'Kanary\u0001first'))),
  ),
  HTML: refused(html()),
  XML: refused(bytes('<?xml version="1.0"?><people>KanaryMail</people>', { 'content-type': 'text/xml' })),
  CSV: refused(bytes('email\nKanaryMail@x.example', { 'content-type': 'text/csv' })),
  '100,000 open brackets': refused(openBrackets()),
  'brackets 5,000 deep in a record': refused(
    bytes(withRecord(`{"deep":${'['.repeat(5000)}${']'.repeat(5000)}}`)),
  ),
  'a byte order mark': landed(bytes(`\ufeff${TEXT}`)),
  'UTF-16 that says so': landed(
    bytes(Buffer.from(`\ufeff${TEXT}`, 'utf16le'), { 'content-type': 'application/json; charset=utf-16le' }),
  ),
  'UTF-16 that does not say so': landed(bytes(Buffer.from(TEXT, 'utf16le'))),
  'Latin-1 that does not say so': refused(bytes(Buffer.from(TEXT, 'latin1'))),
  'an unknown charset of bytes that are UTF-8': landed(
    bytes(TEXT, { 'content-type': 'application/json; charset=kanary' }),
  ),

  // Bodies and connections
  'a reset': refused(reset()),
  'a reset in the body': refused(resetMidBody(ENVELOPE)),
  'an end in the body': refused(hangUpMidBody(ENVELOPE)),
  'no gzip that says it is': refused(bytes(TEXT, { 'content-encoding': 'gzip' })),
  'half a gzip': refused(bytes(gzipSync(TEXT).subarray(0, 400), { 'content-encoding': 'gzip' })),
  'gzip that does not say so': landed(bytes(gzipSync(TEXT))),
  'a gzip bomb': refused(gzipBomb()),
  'a gzip of gzips': refused(stackedGzips()),
  '64 MB of empty objects': refused(emptyObjects()),
  'an unknown encoding': refused(bytes(TEXT, { 'content-encoding': 'kanary' })),

  // Statuses and headers
  'not found, with the people': refused(json(ENVELOPE, {}, 404)),
  'a server error, with the people': refused(json(ENVELOPE, {}, 500)),
  'no content': refused(status(204)),
  'partial content': refused(json(ENVELOPE, { 'content-range': 'bytes 0-10/99' }, 206)),
  'a wait of an hour': refused(retryAfter(3600)),
  'a redirect to a file': refused(redirect('file:///etc/passwd')),
  'a redirect elsewhere, with a person in it': refused(redirect('http://127.0.0.1:9/KanaryMail@x.example')),
  'a redirect to itself': refused(redirect('?again=1')),
  'a cookie with a person': landed(json(ENVELOPE, { 'set-cookie': 'who=KanaryMail' })),
  'a link to more, with a person in it': landed(nextLink(PEOPLE, '?cursor=KanaryMail')),

  // Envelopes that contradict themselves
  'an error in a good answer': refused(json({ ...ENVELOPE, data: [], errors: [{ message: 'KanaryMail' }] })),
  'fewer than it says': refused(json({ ...ENVELOPE, data: PEOPLE.slice(1) })),
  'more than asked': refused(json({ ...ENVELOPE, data: makeCanaries(RECORDS + 1) })),
  // A generator of people always has more, so these say nothing of this pull.
  'a total of a billion': landed(json({ ...ENVELOPE, total: 1e9 })),
  'a total below zero': landed(json({ ...ENVELOPE, total: -1 })),
  'more, it says': landed(json({ ...ENVELOPE, has_more: true })),
  'no list of records': refused(json({ ...ENVELOPE, data: PEOPLE[0] })),
  'records in another place': refused(json({ people: PEOPLE })),
  'an empty list': refused(json({ ...ENVELOPE, data: [] })),

  // Records
  'a record that is null': landed(bytes(withRecord('null'))),
  'a record that is a text': landed(bytes(withRecord('"KanaryMail@x.example"'))),
  'a record that is a list': landed(bytes(withRecord(`[${ONE}]`))),
  'a record in a record': landed(bytes(withRecord(`{"person":${ONE}}`))),
  'an empty record': landed(bytes(withRecord('{}'))),
  'the same record twice': landed(bytes(withRecord(JSON.stringify(PEOPLE[8])))),
  'a key twice, with a person where a word belongs': landed(
    bytes(withRecord(ONE.replace('"gender":', '"gender":"KanaryMail@x.example","gender":'))),
  ),
  'a person where a word belongs': landed(withChanges({ gender: 'KanaryMail@x.example' })),
  'a person where a date belongs': landed(withChanges({ birthday: 'KanaryMail@x.example' })),
  'an object where a text belongs': landed(withChanges({ email: { is: 'KanaryMail@x.example' } })),
  'a list where a text belongs': landed(withChanges({ firstname: ['Kanaryfirst'] })),
  'a number where a text belongs': landed(withChanges({ phone: 5550147319 })),
  'a text where a number belongs': landed(withChanges({ id: '81375926' })),
  'a number beyond all': landed(bytes(withRecord(ONE.replace(/"id":8/, '"id":1e400')))),
  'an integer that loses digits': landed(bytes(withRecord(ONE.replace(/"id":8/, '"id":9007199254740993')))),
  'a key named __proto__': landed(
    bytes(withRecord(ONE.replace('{', '{"__proto__":{"gender":"KanaryMail"},'))),
  ),
  'a key named constructor': landed(bytes(withRecord(ONE.replace('{', '{"constructor":"KanaryMail",')))),
  'a key that is a person': landed(withChanges({ 'kanarykey@x.example': 1 })),
  'a key with a line break': landed(withChanges({ 'kanary\nkey': 1 })),
  'half a character': landed(bytes(withRecord(ONE.replace('Kanaryfirst', 'Kanaryfirst\\ud800')))),
  'a zero byte': landed(bytes(withRecord(ONE.replace('Kanaryfirst', 'Kanary\\u0000first')))),
  'a text of 200,000 characters': landed(withChanges({ firstname: LONG })),
  'an email of two': landed(withChanges({ email: 'KanaryMail@a.example,KanaryMail@b.example' })),
  'an email without a name': landed(withChanges({ email: '@kanaryhost' })),
  'SQL in a text': landed(withChanges({ lastname: "Kanärylast'); drop table landed; --" })),
  'a formula in a text': landed(withChanges({ lastname: '=cmd|Kanärylast!A1' })),
  'escapes of a terminal': landed(withChanges({ lastname: '\u001b[31mKanärylast\u0007' })),
  'text that runs backwards': landed(withChanges({ lastname: '\u202eKanärylast' })),
  'a path in a text': landed(withChanges({ lastname: '../../Kanärylast' })),
  'a birthday that is no day': landed(withChanges({ birthday: '2026-02-30' })),
  'a birthday of the year 0': landed(withChanges({ birthday: '0000-00-00' })),
  'a birthday to come': landed(withChanges({ birthday: '9999-12-31' })),
};
