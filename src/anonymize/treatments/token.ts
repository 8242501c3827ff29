import { z } from 'zod';
import { NAME } from '../../base/names.js';
import { isGuessable } from '../loose-pattern.js';
import { NORMAL_FORMS, planMessage, tokenMessage } from '../message.js';
import { defineTreatment } from '../treatment.js';

const params = z.strictObject({
  scope: z.string().regex(NAME).describe('tokens of one scope join with each other and with nothing else'),
  normal: z.enum(NORMAL_FORMS).default('text').describe('normal form of each leaf before it is hashed'),
});

/** A keyed pseudonym: `<key id>_<32 hex>` of HMAC-SHA-256 over the leaves (RFC 2104, cut to 128 bits). */
export const token = defineTreatment({
  name: 'token',
  isBlind: true,
  keeps: 'never',
  isToken: true,
  neverKey: false,
  params,
  inputs: { min: 1, max: 16 },
  accepts: () => true,
  outputType: () => 'VARCHAR',
  objection: (leaves) => {
    const [only] = leaves;
    return leaves.length === 1 && only !== undefined && isGuessable(only)
      ? { kind: 'review', why: 'its frequencies reveal the values without the key' }
      : null;
  },
  sql: (dialect, inputs, given, bind) => {
    const { scope, normal } = given;
    const { inner, outer } = bind.pads('token', scope);
    const present = inputs.map(({ sql }) => `${sql} is not null`).join(' or ');
    const digest = dialect.hmac(tokenMessage(dialect, inputs, normal), inner, outer);
    return `case when ${present} then ${dialect.text(`${bind.keyId}_`)} || ${digest} end`;
  },
  precompute: (leaves, { scope, normal }) => {
    const write = planMessage(leaves, normal);
    if (write === null) return null;
    return ({ keyId, hmac }) => {
      const { block, start, digest } = hmac('token', scope);
      return (columns, rows) => {
        const tokens: (string | null)[] = [];
        for (let row = 0; row < rows; row++) {
          const end = write(columns, row, block, start);
          tokens.push(end === -1 ? null : `${keyId}_${digest(end)}`);
        }
        return tokens;
      };
    };
  },
  shape: (dialect, column) => dialect.matches(column, '^[a-z0-9]{1,16}_[0-9a-f]{32}$'),
  reveals: () => 'equality; whoever holds the key can test guesses',
});
