import { z } from 'zod';

/** Shapes that settings of several types of pagination share, as a definition writes them. */

/** Dotted path into a body; a step in double quotes may hold dots and blanks. */
const BODY_PATH = /^(?:"[^"]+"|[^.\s"]+)(?:\.(?:"[^"]+"|[^.\s"]+))*$/;

export const parameter = z.string().min(1, 'must be the name of a parameter');

export const bodyPath = z
  .string()
  .regex(BODY_PATH, 'must be a dotted path into the body, such as meta.total');

export const totalPath = bodyPath.optional().describe('Path of the number of records in the body.');

export const pageSize = wholeNumber(1, 1_000_000);

export const paramsIn = z
  .enum(['query', 'body'])
  .default('query')
  .describe('Location of these parameters; in a body, a dotted name is a path.');

export function wholeNumber(least: number, most: number): z.ZodNumber {
  const must = `must be a whole number from ${least} to ${most}`;
  return z.int(must).min(least, must).max(most, must);
}
