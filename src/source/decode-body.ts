import { isAscii, isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { failure, systemCode } from '../base/errors.js';
import { isKnownCharset } from '../base/text/charset.js';

export interface DecodeOptions {
  /** The Content-Type header; null for a file, or where there is none. */
  readonly contentType: string | null;
  /** The charset that the definition names, as WHATWG labels have it; null for what the body says. */
  readonly encoding: string | null;
  /** Of the decoded body. */
  readonly maxBytes: number;
}

const unzipGzip = promisify(gunzip);
const [GZIP, ZIP] = [Buffer.from([0x1f, 0x8b, 0x08]), Buffer.from('PK\u0003\u0004')];

/**
 * A body as UTF-8: a gzip or zip archive of one file is unpacked, whatever its headers say, and text in another charset
 * is converted. The charset is that of a byte order mark, of `encoding`, or of the header, in this order; a header is not
 * believed if the bytes are UTF-8. Throws E_SOURCE_BODY, E_SOURCE_TOO_LARGE.
 */
export async function decodeBody(bytes: Buffer, options: DecodeOptions): Promise<Buffer> {
  return toUtf8(await unpack(bytes, options.maxBytes), options);
}

async function unpack(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  if (startsWith(bytes, GZIP)) return unpackGzip(bytes, maxBytes);
  return startsWith(bytes, ZIP) ? unpackZip(bytes, maxBytes) : bytes;
}

function startsWith(bytes: Buffer, mark: Buffer): boolean {
  return bytes.subarray(0, mark.length).equals(mark);
}

async function unpackGzip(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await unzipGzip(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (systemCode(error) === 'ERR_BUFFER_TOO_LARGE')
      throw failure('E_SOURCE_TOO_LARGE', { limit_bytes: maxBytes });
    throw failure('E_SOURCE_BODY', { kind: 'a gzip file that is damaged or cut off' });
  }
}

async function unpackZip(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  const { unzipSync } = await import('fflate');
  const sizes: number[] = [];
  const file = readFirst(() =>
    unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (name.endsWith('/')) return false;
        return sizes.push(originalSize) === 1 && originalSize <= maxBytes;
      },
    }),
  );
  if (sizes.length !== 1) {
    throw failure('E_SOURCE_BODY', { kind: `a zip file with ${sizes.length} files, not one` });
  }
  if (file === null) throw failure('E_SOURCE_TOO_LARGE', { limit_bytes: maxBytes });
  return Buffer.from(file.buffer, file.byteOffset, file.length);
}

function readFirst(unzip: () => Readonly<Record<string, Uint8Array>>): Uint8Array | null {
  try {
    return Object.values(unzip())[0] ?? null;
  } catch {
    throw failure('E_SOURCE_BODY', { kind: 'a zip file that is damaged or cut off' });
  }
}

function toUtf8(bytes: Buffer, { contentType, encoding }: DecodeOptions): Buffer {
  const label = findMark(bytes) ?? encoding ?? findCharset(contentType, bytes);
  if (label === null || /^utf-?8$/i.test(label)) return bytes;
  const name = `\`${label}\``;
  if (!isKnownCharset(label)) throw failure('E_SOURCE_BODY', { kind: `its charset ${name} is not known` });
  try {
    return Buffer.from(new TextDecoder(label, { fatal: true }).decode(bytes));
  } catch {
    throw failure('E_SOURCE_BODY', { kind: `it is not text in its charset ${name}` });
  }
}

/** UTF-16 by its byte order mark, or by the zeros of its first character (RFC 4627, section 3). */
function findMark(bytes: Buffer): string | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : null;
}

/** Servers name a charset of their own for bodies that are UTF-8. Valid UTF-8 beyond ASCII is hardly ever anything else. */
function findCharset(contentType: string | null, bytes: Buffer): string | null {
  const label = /;\s*charset\s*=\s*"?([\w.:+-]{1,40})/i.exec(contentType ?? '')?.[1] ?? null;
  return label !== null && isUtf8(bytes) && !isAscii(bytes) ? null : label;
}

/** What is known of a body that is not JSON, without a value: its length, and what it starts with. */
export function describeBody(bytes: Buffer): string {
  const length = `${bytes.length} bytes`;
  if (!isUtf8(bytes)) return `${length}, not UTF-8; name its charset with \`encoding\``;
  const start = bytes.subarray(0, 100).toString('utf8').trimStart();
  if (start.startsWith('<')) return `${length}, starts with \`<\`: HTML or XML, which is not supported`;
  return /^[[{]/.test(start)
    ? `${length}, a syntax error in it`
    : `${length}, starts with neither \`{\` nor \`[\``;
}
