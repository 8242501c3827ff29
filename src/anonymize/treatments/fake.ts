import { z } from 'zod';
import type { Dialect } from '../dialect.js';
import { digestOfList, FAKE_KINDS, FAKE_LISTS } from '../fake-lists.js';
import { isGuessable } from '../loose-pattern.js';
import { tokenMessage } from '../message.js';
import { defineTreatment, onlyInput } from '../treatment.js';

const params = z.strictObject({
  kind: z.enum(FAKE_KINDS).optional().describe('a shipped list'),
  values: z
    .array(z.string().min(1).max(100))
    .min(20)
    .max(1_000)
    .optional()
    .describe('a list in the definition, in place of `kind`'),
});

type Params = z.infer<typeof params>;

/**
 * A made-up value from a list, the same one for equal values: its place is an HMAC of the value under a key of its own.
 * If the list has the value itself there, the next one is taken. Many values share one, so it cannot be a key.
 */
export const fake = defineTreatment({
  name: 'fake',
  isBlind: true,
  keeps: 'never',
  isToken: false,
  neverKey: true,
  params,
  accepts: (type) => type === 'VARCHAR',
  outputType: () => 'VARCHAR',
  facts: (given) => ({ list_sha256: digestOfList(listOf(given)) }),
  objection: ([leaf], given) => {
    const why = checkList(given);
    if (why !== null) return { kind: 'refuse', why };
    return leaf !== undefined && isGuessable(leaf)
      ? { kind: 'review', why: 'its frequencies reveal the values without the key' }
      : null;
  },
  sql: (dialect, inputs, given, bind) => {
    const list = listOf(given);
    const { sql } = onlyInput(inputs);
    const scope = scopeOf(given);
    const { inner, outer } = bind.pads('fake', scope);
    const digest = dialect.hmac(tokenMessage(dialect, inputs, 'text'), inner, outer);
    const values = bind.constant(`fake_${scope}`, list);
    const place = dialect.placeOf(digest, list.length);
    const [here = '', next = ''] = [place, `(${place} + 1) % ${list.length}`].map((at) =>
      dialect.element(values, at),
    );
    const isItself = `(${likeness(dialect, here)} = ${likeness(dialect, sql)})`; // null for null
    return dialect.element(`[${here}, ${next}]`, dialect.cast(isItself, 'integer'));
  },
  shape: (dialect, column, given) => dialect.isIn(column, dialect.listOf(listOf(given))),
  reveals: () => 'equality, loosely: several values share a made-up one',
});

/** Values that look the same to a reader. */
function likeness(dialect: Dialect, text: string): string {
  return dialect.lower(dialect.trim(dialect.nfc(text)));
}

function listOf({ kind, values }: Params): readonly string[] {
  if (values !== undefined) return values;
  return kind === undefined ? [] : FAKE_LISTS[kind];
}

function scopeOf({ kind }: Params): string {
  return kind ?? 'values';
}

function checkList({ kind, values }: Params): string | null {
  if ((kind === undefined) === (values === undefined)) return 'it takes either `kind` or `values`';
  const distinct = new Set((values ?? []).map((value) => value.normalize('NFC').trim().toLowerCase()));
  return distinct.size < (values ?? []).length ? 'a value of its list is met twice' : null;
}
