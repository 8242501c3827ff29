import type { PiiClass } from '../base/types/definition.js';
import type { Form } from './leaf-form.js';
import { isFactName, type Kind, kindOfName, wordsOf } from './name-kinds.js';

/** The proposal for one leaf. */
export interface Proposal {
  readonly class: PiiClass;
  /** `treat` and its parameters except `scope`; null if it is dropped. */
  readonly treatment: Readonly<Record<string, string | number | boolean>> | null;
  /** A question for a person who knows the source; null if there is no doubt. */
  readonly question: string | null;
}

export interface Subject {
  /** The last part of its path. */
  readonly name: string;
  readonly kind: Kind | null;
  readonly form: Form;
  /** Its values are a closed list that the draft contains. */
  readonly isListed: boolean;
}

const REDACT = { treat: 'redact' };
const KEEP = { treat: 'keep' };

/** The strictest useful treatment. A leaf that may identify a person is never kept. */
export function proposeTreatment(subject: Subject): Proposal {
  const { kind, form } = subject;
  if (form === 'boolean') return proposeBoolean(subject);
  if (form === 'nothing') return drop('direct', 'the sample has no value; what is it?');
  switch (kind) {
    case 'secret':
    case 'web':
      return drop('direct', null);
    case 'sensitive':
    case 'text':
      return drop('sensitive', null);
    case 'email':
      return land('direct', isText(form) ? { treat: 'mask_email' } : REDACT);
    case 'phone':
      return land('direct', isText(form) ? { treat: 'mask' } : REDACT);
    case 'person':
      return land('direct', REDACT, askOfPerson(subject.name));
    case 'financial':
    case 'national':
    case 'device':
    case 'address':
      return land('direct', REDACT);
    case 'id':
      return land('direct', form === 'time' ? REDACT : { treat: 'token' });
    case null:
      return proposeUnknown(form);
    case 'birth':
    case 'age':
    case 'coordinate':
    case 'postal':
    case 'coarse':
    case 'moment':
    case 'count':
    case 'money':
    case 'fact':
      return proposeQuasi(kind, subject);
    default:
      return kind satisfies never;
  }
}

/** The same for a list whose other members are on pages that the sample does not have. */
export function askForList(proposal: Proposal): Proposal {
  const question =
    'its values look like a closed list, but the sample is a part of the source: if you know all of them, add `enum` and keep it.';
  return { ...proposal, question };
}

/** Kinds that are signs of people, also among things. */
const SIGNS: readonly (Kind | null)[] = [
  ...([
    'secret',
    'email',
    'phone',
    'financial',
    'national',
    'device',
    'birth',
    'sensitive',
    'address',
    'age',
  ] as const),
];
/** Names of people, and ids of people by what they are or do. */
const OF_PEOPLE =
  /\b(?:first|last|full|given|family|middle|maiden|nick|user|person|people|customer|employee|member|contact|owner|manager|author|assignee|reporter|created by|updated by)\b/;

/** The proposal for a field without signs of people, if the user says that there are none; else null. */
export function proposeForThings({ name, kind, form, isListed }: Subject): Proposal | null {
  const words = wordsOf(name);
  const isPerson = kind === 'person' && !(kindOfName([name]) === 'person' && /\bname$/.test(words));
  if (SIGNS.includes(kind) || isPerson || OF_PEOPLE.test(words) || form === 'nothing') return null;
  const isBounded =
    isListed ||
    ['date', 'date-time', 'time', 'boolean'].includes(form) ||
    (form === 'integer' && kind === 'count');
  return land('none', isBounded ? KEEP : { ...KEEP, reviewed: 'not about people (--no-people)' });
}

type QuasiKind = 'birth' | 'age' | 'coordinate' | 'postal' | 'coarse' | 'moment' | 'count' | 'money' | 'fact';

function proposeQuasi(kind: QuasiKind, { form, isListed }: Subject): Proposal {
  if (form === 'date' || form === 'date-time') return proposeDate(kind);
  const isNumber = form === 'integer' || form === 'number';
  switch (kind) {
    case 'birth':
      return isNumber ? land('quasi', round(-1)) : land('direct', REDACT);
    case 'age':
      return land('quasi', isNumber ? round(-1) : REDACT);
    case 'coordinate':
      return land('quasi', isNumber ? round(form === 'integer' ? -1 : 1) : REDACT);
    case 'postal':
      return land('quasi', isText(form) ? { treat: 'prefix', length: 2 } : REDACT);
    case 'coarse':
      return land('quasi', REDACT, 'is it coarse enough to keep? If so, bound it with enum or pattern.');
    case 'moment':
      return isText(form) || form === 'time'
        ? land(
            'quasi',
            REDACT,
            'which date format is it? Write `format: date` and its pattern as `x-format`, such as M/d/yyyy.',
          )
        : drop('quasi', 'is it a timestamp in seconds?');
    case 'count':
      if (form === 'integer') return land('none', KEEP);
      return form === 'number' ? land('none', round(1)) : proposeUnknown(form);
    case 'money':
      return isNumber ? land('quasi', round(form === 'integer' ? -1 : 0)) : proposeUnknown(form);
    case 'fact':
      return isListed
        ? land('none', KEEP)
        : proposeDoubtful(form, 'is it a closed list? If so, add `enum` and keep it.');
    default:
      return kind satisfies never;
  }
}

/** `name` is used for things and people, and a leaf may contain people under another name. */
function askOfPerson(name: string): string | null {
  if (kindOfName([name]) !== 'person') return 'some values may identify a person; what is it?';
  return wordsOf(name) === 'name' ? 'is it the name of a person or of a thing?' : null;
}

function proposeDate(kind: QuasiKind): Proposal {
  if (kind === 'birth') return land('quasi', { treat: 'truncate_date', unit: 'year' });
  return land(
    'quasi',
    { treat: 'truncate_date', unit: 'month' },
    'is it unrelated to a person? If so, keep it.',
  );
}

function proposeBoolean({ kind, name }: Subject): Proposal {
  if (kind === 'secret' || kind === 'sensitive') return drop('sensitive', null);
  if (isFactName(name)) return land('none', KEEP);
  return land('quasi', REDACT, 'is it unrelated to a person? If so, keep it.');
}

function proposeUnknown(form: Form): Proposal {
  return proposeDoubtful(form, 'what is it?');
}

/** An unknown leaf may contain anything: numbers are dropped, texts are direct. */
function proposeDoubtful(form: Form, question: string): Proposal {
  if (form === 'uuid') return land('direct', { treat: 'token' });
  if (form === 'date' || form === 'date-time') return proposeDate('moment');
  return isText(form) || form === 'time' ? land('direct', REDACT, question) : drop('quasi', question);
}

function isText(form: Form): boolean {
  return form === 'text' || form === 'uuid';
}

function round(decimals: number) {
  return { treat: 'round', decimals };
}

function land(
  pii: PiiClass,
  treatment: Exclude<Proposal['treatment'], null>,
  question: string | null = null,
): Proposal {
  return { class: pii, treatment, question };
}

function drop(pii: PiiClass, question: string | null): Proposal {
  return { class: pii, treatment: null, question };
}
