import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { isObject } from '../base/json-values.js';
import { deriveKey, type MasterKey } from './keys.js';

/** What a raw key begins with in DER (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs receipts with Ed25519 (RFC 8032); its seed is derived from the master key. */
export interface ReceiptKey {
  /** 32 octets in base64. */
  readonly publicKey: string;
  /** The signature of a document in base64. */
  readonly sign: (document: object) => string;
}

export function makeReceiptKey(master: MasterKey): ReceiptKey {
  const seed = deriveKey(master, 'receipt', master.id);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: spki.subarray(SPKI.length).toString('base64'),
    sign: (document) => sign(null, canonicalBytes(document), key).toString('base64'),
  };
}

/** Whether the holder of the key signed this document. */
export function isSigned(document: object, publicKey: string, signature: string): boolean {
  try {
    const spki = Buffer.concat([SPKI, Buffer.from(publicKey, 'base64')]);
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return verify(null, canonicalBytes(document), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** JSON with the names of each object in order, so that it does not matter how the document was written. */
function canonicalBytes(document: object): Buffer {
  return Buffer.from(
    JSON.stringify(document, (_, value: unknown) => (isObject(value) ? sortNames(value) : value)),
  );
}

function sortNames(object: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
