import type { Materialization } from './materialization.js';

/** A view, made anew at each transform. */
export const VIEW: Materialization = {
  usage: 'view',
  isDated: false,
  isView: true,
  parse: (text) => {
    if (text !== 'view') return null;
    return ({ relation, sql }) => ({ statements: [`create view ${relation} as ${sql}`], builds: [] });
  },
};
