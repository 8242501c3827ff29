import { join } from 'node:path';
import { z } from 'zod';
import { readStored, storedFailure } from '../files/stored-file.js';

/** Why a key no longer masks. */
export const ROTATION_REASONS = ['schedule', 'compromised'] as const;

/**
 * The key that masks in a lake where no variable names one, and those before it: `data_lake/_keys/current.json`. It holds no
 * key.
 */
const currentKeySchema = z.strictObject({
  format: z.literal(1),
  key_id: z.string().regex(/^[a-z0-9]{1,16}$/),
  rotations: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      reason: z.enum(ROTATION_REASONS),
      at: z.iso.datetime(),
    }),
  ),
});

export type CurrentKey = z.infer<typeof currentKeySchema>;

export const CURRENT_KEY_PATH = join('_keys', 'current.json');

const FIX = 'restore the file from a backup, or set TOKEN_KEY and TOKEN_KEY_ID';

/** Null in a lake without rotations. @throws E_LAKE_FILE, E_LAKE_NEWER, E_LAKE_DAMAGED */
export async function readCurrentKey(lakeDir: string): Promise<CurrentKey | null> {
  const found = await readStored(lakeDir, CURRENT_KEY_PATH, currentKeySchema, 'the name of the current key');
  if (found.kind === 'missing') return null;
  if (found.kind !== 'found') throw storedFailure(CURRENT_KEY_PATH, found, FIX);
  return found.value;
}
