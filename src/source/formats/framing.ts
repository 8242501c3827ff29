import { failure } from '../../errors.js';
import { TransientFailure } from '../retry.js';
import type { Body } from './format.js';

/**
 * A body of lines that is cut between two of them looks whole. Where nothing but the end of the connection says where
 * it ends, it is not believed.
 */
export function refuseUnframed({ isFramed }: Body): void {
  if (isFramed) return;
  throw new TransientFailure(failure('E_SOURCE_BODY', { kind: 'nothing says where it ends' }));
}
