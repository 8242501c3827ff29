import type { Answer } from '../support/stub-api.js';
import { CANARY, makeRecords } from './harness.js';

/** Ten records, as pagination `seed` asks for them in these tests. */
export const BODY = { data: makeRecords(10) };
export const RECORDS = JSON.stringify(BODY);
/** The same, cut off. */
export const CUT = RECORDS.slice(0, -30);

/** A status whose text, headers and body hold what no error may show. */
export function deny(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(code, CANARY, { 'x-canary': CANARY, ...headers });
    response.end(CANARY);
  };
}

/** Raw bytes on the socket, which is then closed in order. */
export function sendRaw(head: string, body: string): Answer {
  return (response) => {
    response.socket?.end(`HTTP/1.1 200 OK\r\n${head}connection: close\r\n\r\n${body}`);
  };
}
