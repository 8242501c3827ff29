/** How the answer of a query can look; a list of its own, so that the flags load nothing else. */
export const QUERY_FORMATS = ['table', 'csv', 'json'] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];
