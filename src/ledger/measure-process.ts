import type { RunRecord } from '../run-record.js';

/** CPU time of this process so far, on all threads, and the most memory that it has held. */
export function measureProcess(): Pick<RunRecord, 'cpu_ms' | 'peak_memory_bytes'> {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpu_ms: Math.round((userCPUTime + systemCPUTime) / 1000), peak_memory_bytes: maxRSS * 1024 };
}
