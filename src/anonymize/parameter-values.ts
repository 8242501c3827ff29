import type { DuckDBValue } from '@duckdb/node-api';
import type { CompiledPolicy, Parameter } from './compile-policy.js';
import type { MasterKey } from './keys.js';
import { deriveKey, padKey } from './keys.js';

/**
 * The values of a policy's parameters beside `$pages`, by name. Among them are the pads, which are the key: they are
 * bound, and never put into a text.
 * @param date the partition's date, `YYYY-MM-DD`
 */
export async function makeParameterValues(
  policy: CompiledPolicy,
  key: MasterKey,
  date: string,
): Promise<Readonly<Record<string, DuckDBValue>>> {
  const { blobValue, listValue } = await import('@duckdb/node-api');
  const valueOf = (parameter: Parameter): DuckDBValue => {
    switch (parameter.kind) {
      case 'date':
        return date;
      case 'pad':
        return blobValue(padKey(deriveKey(key, parameter.use, parameter.scope))[parameter.side]);
      case 'constant':
        return typeof parameter.value === 'string' ? parameter.value : listValue(parameter.value);
    }
  };
  return Object.fromEntries([...policy.parameters].map(([name, parameter]) => [name, valueOf(parameter)]));
}
