import fc from 'fast-check';
import { FAKE_LISTS } from '../../src/anonymize/fake-lists.js';
import { leafOf } from './bench.js';
import { type Case, date, doubles, moment, never, one, text, typed, wholes } from './case.js';
import { anyText } from './texts.js';

const tenths = fc.integer({ min: -2_000, max: 2_000 }).map((tenth) => tenth / 10);
const HERBS =
  `anise basil bay borage caraway chervil chives clove cumin dill fennel ginger hyssop lavender lovage mace
  Marjoram MINT mustard oregano`.split(/\s+/);

export const GENERALISING_CASES: readonly Case[] = [
  ...(
    [
      [{ min: 0, max: 90, width: 10 }, 'DOUBLE', doubles],
      [{ min: -180, max: 180, width: 0.1 }, 'DOUBLE', tenths],
      [{ min: -1_000_000, max: 1_000_000, width: 2_500 }, 'BIGINT', wholes],
      [{ min: -50, max: 50, width: 0.25 }, 'DECIMAL(18,2)', tenths.map((tenth) => tenth.toFixed(2))],
      [
        { min: 0, max: 1_000_000, width: 100_000 },
        'DECIMAL(38,0)',
        fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map(String),
      ],
    ] as const
  ).map(([params, type, values]): Case => ({
    ...{ treatment: 'bucket', kind: `${JSON.stringify(params)} of ${type}`, params },
    ...{ leaves: [typed(type)], rows: one(values), mayStay: never },
  })),
  ...[{ kind: 'first_name' }, { kind: 'company' }, { values: HERBS }].map((params): Case => ({
    ...{ treatment: 'fake', kind: JSON.stringify(params).slice(0, 30), params, leaves: [text] },
    rows: one(fc.oneof(anyText, fc.constantFrom(...FAKE_LISTS.first_name, ...FAKE_LISTS.company, ...HERBS))),
    mayStay: never,
  })),
  ...[
    { type: 'DATE' as const, values: date },
    { type: 'TIMESTAMPTZ' as const, values: moment },
  ].map(({ type, values }): Case => ({
    ...{ treatment: 'shift_date', kind: type, params: { subject: 'card', days: 180 } },
    ...{ leaves: [typed(type), leafOf('card', { required: true })], mayStay: never },
    rows: fc.tuple(values, anyText),
  })),
  ...(
    [
      [
        {
          expression:
            "case when regexp_matches(value, '[0-9]') then 'digits' when value = 'none' then 'other' else 'none' end",
          shape: "value in ('digits', 'none', 'other')",
        },
        'VARCHAR',
        fc.oneof(anyText, fc.constantFrom('none', 'digits', 'other')),
      ],
      [{ expression: 'value >= 0', type: 'boolean', shape: 'value or not value' }, 'DOUBLE', doubles],
      [{ expression: 'year(value) // 10', type: 'integer', shape: 'value between 0 and 999' }, 'DATE', date],
    ] as const
  ).map(([params, type, values]): Case => ({
    ...{ treatment: 'sql', kind: `${params.expression.slice(0, 30)} of ${type}`, params },
    ...{ leaves: [typed(type)], rows: one(values), mayStay: (value) => value === 'digits' },
  })),
];
