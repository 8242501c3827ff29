import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isSigned, makeReceiptKey } from '../../anonymize/receipt-key.js';
import { findFormerKey, findMasterKey, type MasterKey } from '../../base/config/key.js';
import { failure, type LakeveilError } from '../../base/errors.js';
import { listFolder, writeDurably } from '../../base/files/durable.js';
import { parseJson } from '../../base/json-values.js';
import { readStored, storedFailure } from '../../base/files/stored-file.js';
import { countOf } from '../../base/text/numbers.js';
import { type Receipt, receiptSchema } from '../../base/types/erasure.js';
import { readTombstones, readUnfinished, receiptPath, RECEIPTS } from '../../lake/forgotten-file.js';
import { formatDocument } from '../../lake/landed-file.js';
import type { Project } from '../../project.js';

/** A receipt of an erasure before it is signed and gets its number. */
export type UnsignedReceipt = Omit<
  Receipt,
  'format' | 'number' | 'previous_sha256' | 'key_id' | 'public_key' | 'signature'
>;

interface ReadReceipt {
  readonly receipt: Receipt;
  readonly path: string;
  readonly sha256: string;
  /** Its bytes are those that a signature is made for, and not the same values written in another way. */
  readonly isAsWritten: boolean;
}

/**
 * Signs a receipt and adds it to the chain; one that is there already is given back. The caller holds the lake's lock.
 * @throws E_LAKE_FILE, E_LAKE_NEWER, E_DISK
 */
export async function addReceipt(
  lakeDir: string,
  unsigned: UnsignedReceipt,
  key: MasterKey,
): Promise<string> {
  const all = await readReceipts(lakeDir);
  const known = all.find(({ receipt }) => receipt.erasure === unsigned.erasure);
  if (known !== undefined) return known.path;
  const last = all.at(-1);
  const signer = makeReceiptKey(key);
  const body = {
    ...unsigned,
    format: 1 as const,
    number: (last?.receipt.number ?? 0) + 1,
    previous_sha256: last?.sha256 ?? null,
    key_id: key.id,
    public_key: signer.publicKey,
  };
  const path = receiptPath(body.number);
  await writeDurably(join(lakeDir, path), formatDocument({ ...body, signature: signer.sign(body) }));
  return path;
}

/** The key id of each receipt. @throws E_LAKE_FILE, E_LAKE_NEWER */
export async function listReceiptKeys(lakeDir: string): Promise<string[]> {
  return (await readReceipts(lakeDir)).map(({ receipt }) => receipt.key_id);
}

const FIX = 'restore the file from a backup; the chain of receipts is broken without it';

/** In the order of their numbers. */
async function readReceipts(lakeDir: string): Promise<ReadReceipt[]> {
  const all: ReadReceipt[] = [];
  for (const name of await listFolder(join(lakeDir, RECEIPTS), RECEIPTS)) {
    if (!/^\d{6,}\.json$/.test(name)) continue;
    const path = `${RECEIPTS}/${name}`;
    const found = await readStored<Receipt>(lakeDir, path, receiptSchema, 'a receipt');
    if (found.kind === 'missing') continue;
    if (found.kind !== 'found') throw storedFailure(path, found, FIX);
    const sha256 = createHash('sha256').update(found.text).digest('hex');
    const isAsWritten = found.text === formatDocument(parseJson(found.text));
    all.push({ receipt: found.value, path, sha256, isAsWritten });
  }
  return all.sort((a, b) => a.receipt.number - b.receipt.number);
}

/** What `pipeline receipts --json` prints. */
export interface ReceiptsReport {
  readonly status: 'valid' | 'invalid';
  readonly receipts: readonly (Pick<
    Receipt,
    'number' | 'erasure' | 'dataset' | 'by' | 'finished_at' | 'people' | 'rows' | 'key_id' | 'public_key'
  > & { readonly path: string; readonly not_covered: number })[];
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
  /** Key ids of receipts whose key is not at hand: their signatures fit the public key that they name. */
  readonly unknown_keys: readonly string[];
}

/**
 * Checks the chain: numbers without gaps, the hash of each receipt in the next one, every signature, that the keys are the
 * ones at hand, and that every erasure has its receipt. Read-only.
 * @throws E_LAKE_FILE for a receipt that cannot be read
 */
export async function verifyReceipts({ config }: Project): Promise<ReceiptsReport> {
  const all = await readReceipts(config.lakeDir);
  const problems: ReceiptsReport['problems'][number][] = [];
  const keys = new Map<string, string | null>();
  for (const [index, { receipt, path, isAsWritten }] of all.entries()) {
    const add = (problem: string): void => void problems.push({ path, problem });
    const { signature, ...body } = receipt;
    const before = all[index - 1];
    if (path !== receiptPath(receipt.number)) add('its number is not that of its name');
    if (receipt.number !== index + 1) add('a receipt before it is missing');
    if (receipt.previous_sha256 !== (before?.sha256 ?? null)) add('it does not follow the receipt before it');
    if (!isAsWritten) add('its bytes are not those that were written');
    if (!isSigned(body, receipt.public_key, signature)) add('its signature does not fit');
    const expected = await publicKeyOf(config, receipt.key_id, keys);
    if (expected !== null && expected !== receipt.public_key) add(`key ${receipt.key_id} did not sign it`);
  }
  const proven = new Set(all.map(({ receipt }) => receipt.erasure));
  const unfinished = new Set((await readUnfinished(config.lakeDir)).map(({ erasure }) => erasure));
  for (const { erasure } of await readTombstones(config.lakeDir)) {
    if (proven.has(erasure)) continue;
    const problem = unfinished.has(erasure)
      ? 'it is not finished: run `pipeline forget --resume`'
      : 'its receipt is missing';
    problems.push({ path: `erasure ${erasure}`, problem });
  }
  return {
    status: problems.length === 0 ? 'valid' : 'invalid',
    receipts: all.map(({ receipt, path }) => {
      const { number, erasure, dataset, by, finished_at, people, rows, key_id, public_key } = receipt;
      const facts = { number, erasure, dataset, by, finished_at, people, rows, key_id, public_key };
      return { ...facts, path, not_covered: receipt.not_covered.length };
    }),
    problems,
    unknown_keys: [...keys].flatMap(([id, key]) => (key === null ? [id] : [])).sort(),
  };
}

/** Null for a key that is not at hand. */
async function publicKeyOf(
  config: Project['config'],
  id: string,
  known: Map<string, string | null>,
): Promise<string | null> {
  const cached = known.get(id);
  if (cached !== undefined) return cached;
  const current = await findMasterKey(config).catch(() => null);
  const key = current?.id === id ? current : await findFormerKey(config, id);
  const found = key === null ? null : makeReceiptKey(key).publicKey;
  known.set(id, found);
  return found;
}

/** Exit 5: a proof of erasure that does not hold. */
export function evaluateReceipts({ problems }: ReceiptsReport): LakeveilError | null {
  if (problems.length === 0) return null;
  const found = `${countOf(problems.length, 'problem')} of receipts`;
  return failure('E_VERIFY', {
    found,
    fix: 'see the list above: restore the files from a backup, and set the keys',
  });
}

/** One line for each receipt and problem. */
export function formatReceipts({ receipts, problems, unknown_keys }: ReceiptsReport): string {
  if (receipts.length === 0 && problems.length === 0) return 'No one was erased: there are no receipts.';
  const valid = 'The chain and all signatures are valid.';
  return [
    `${countOf(receipts.length, 'receipt')}:`,
    ...receipts.map(formatReceipt),
    problems.length === 0 ? valid : `${countOf(problems.length, 'problem')}:`,
    ...problems.map(({ path, problem }) => `  ${path}: ${problem}`),
    ...unknown_keys.map((id) => `Key ${id} is not at hand: compare its public key with a copy of your own.`),
  ].join('\n');
}

function formatReceipt(receipt: ReceiptsReport['receipts'][number]): string {
  const { number, finished_at, dataset, people, rows, key_id, not_covered } = receipt;
  const who = people === 1 ? '1 person' : `${people} people`;
  const rest = not_covered === 0 ? '' : `, not covered: ${not_covered}`;
  const day = finished_at.slice(0, 10);
  const name = String(number).padStart(6, '0');
  return `  ${name}  ${day}  ${dataset}, ${who}, ${countOf(rows, 'row')}, key ${key_id}${rest}`;
}
