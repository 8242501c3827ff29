import { z } from 'zod';
import { POSTGRES } from './targets/postgres.js';
import { SQLITE } from './targets/sqlite.js';
import type { SchemaRules } from './plan-schema.js';
import type { OpenTarget, TargetContext } from './target.js';

/** The settings of a target, told by `type`. */
export const TARGET_FORM = z.discriminatedUnion('type', [SQLITE.form, POSTGRES.form]);

export type TargetSettings = z.infer<typeof TARGET_FORM>;

/** A type of target with its settings. */
export interface BoundTarget {
  readonly place: string;
  readonly rules: SchemaRules;
  readonly open: () => Promise<OpenTarget>;
}

/** @throws E_DEFINITION */
export function bindTarget(settings: TargetSettings, context: TargetContext): BoundTarget {
  switch (settings.type) {
    case 'sqlite':
      return {
        place: SQLITE.place(settings, context),
        rules: SQLITE.rules(settings),
        open: () => SQLITE.open(settings, context),
      };
    case 'postgres':
      return {
        place: POSTGRES.place(settings, context),
        rules: POSTGRES.rules(settings),
        open: () => POSTGRES.open(settings, context),
      };
    default:
      return settings satisfies never;
  }
}
