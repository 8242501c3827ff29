/** Ways in which an answer goes wrong. */
export const FAULT_KINDS = [
  'too_many_requests',
  'server_error',
  'reset',
  'truncated',
  'drip',
  'html',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
