import { z } from 'zod';
import { bodyPath, wholeNumber } from '../base/pagination/settings.js';

/** How a definition says what a body of records is like. */

const filled = z.string().min(1, 'must be text');

/** Where records stand, beside `records`. */
export const place = {
  keyed: z
    .boolean()
    .default(false)
    .describe('The value at `records` is an object of records, or of lists of records, by key. JSON only.'),
  key_as: filled
    .optional()
    .describe('Field that each record of such an object gets its key as; without it, keys are ignored.'),
  columns: z
    .union([filled, z.array(filled).min(1)], 'must be a dotted path into the body, or a list of names')
    .optional()
    .describe('For records that are lists of values: the names of the values, or where the body has them.'),
};

/** Another list of records in the responses of the dataset that `of` names. */
export const ownPlace = {
  records: bodyPath
    .optional()
    .describe('With `of`: the path of another list of records in the same responses.'),
  ...place,
  keyed: place.keyed.unwrap().optional(),
};

const character = z.string().length(1, 'must be one character');

export const csv = z
  .strictObject({
    delimiter: character.default(',').describe('Between cells, such as ";" or "\\t".'),
    quote: z
      .string()
      .max(1, 'must be one character, or "" for none')
      .default('"')
      .describe('Around cells; doubled within a cell. "" for none.'),
    skip_lines: wholeNumber(0, 1_000).default(0).describe('Number of lines above the header line.'),
    null_values: z.array(z.string()).default([]).describe('Cells that stand for null, beside the empty one.'),
    decimal_comma: z.boolean().default(false).describe('Numbers have a comma before their decimals.'),
  })
  .describe('How a body of CSV is written.');
