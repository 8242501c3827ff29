import type { PaginationDefinition } from '../../base/types/definition.js';
import { CursorPagination } from './cursor.js';
import { LinkPagination } from './link.js';
import { NonePagination } from './none.js';
import { OffsetPagination } from './offset.js';
import { PagePagination } from './page.js';
import type { Pagination } from './pagination.js';
import { SeedPagination } from './seed.js';

/** The pagination of one pull. `runSeed` counts for type `seed` only. */
export function createPagination(definition: PaginationDefinition, runSeed: string): Pagination {
  switch (definition.type) {
    case 'none':
      return new NonePagination();
    case 'page':
      return new PagePagination(definition);
    case 'offset':
      return new OffsetPagination(definition);
    case 'link':
      return new LinkPagination(definition);
    case 'cursor':
      return new CursorPagination(definition);
    case 'seed':
      return new SeedPagination(definition, runSeed);
    default:
      return definition satisfies never;
  }
}

/** Records asked for in a page; null where the definition gives no size. */
export function pageSize(definition: PaginationDefinition): number | null {
  return 'size' in definition ? definition.size : null;
}
