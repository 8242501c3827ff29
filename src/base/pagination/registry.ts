import { z } from 'zod';
import { cursor } from './cursor.js';
import { link } from './link.js';
import { none } from './none.js';
import { offset } from './offset.js';
import { page } from './page.js';
import type { Pagination, PaginationType } from './pagination.js';
import { seed } from './seed.js';

/** Every type of pagination by its name in a definition. */
const TYPES = { none, page, offset, link, cursor, seed };

type Types = typeof TYPES;
type Name = keyof Types;
type Forms = { [Type in Name]: z.output<Types[Type]['form']> };
type Definitions = { [Type in Name]: ReturnType<Types[Type]['complete']> };

const BY_NAME: { [Type in Name]: PaginationType<Types[Type]['form'], Definitions[Type]> } = TYPES;

/** What a definition writes under `pagination`. */
export const PAGINATION_FORM = z.discriminatedUnion('type', [
  none.form,
  page.form,
  offset.form,
  link.form,
  cursor.form,
  seed.form,
]);

export type PaginationDefinition = Definitions[Name];

export function completePagination<Type extends Name>(
  form: Forms[Type] & { readonly type: Type },
): Definitions[Type] {
  return BY_NAME[form.type].complete(form);
}

/** The pagination of one pull. `runSeed` counts for type `seed` only. */
export function createPagination<Type extends Name>(
  definition: Definitions[Type] & { readonly type: Type },
  runSeed: string,
): Pagination {
  return BY_NAME[definition.type].open(definition, runSeed);
}

/** Records asked for in a page; null where the definition gives no size. */
export function pageSize(definition: PaginationDefinition): number | null {
  return 'size' in definition ? definition.size : null;
}
