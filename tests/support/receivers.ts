import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** Servers that alerts are sent to. */

export interface Webhook {
  readonly url: string;
  /** Bodies that came, also those that were refused. */
  readonly bodies: string[];
  /** What the next requests are answered with; then 200. `hang`: never. */
  readonly answers: (number | 'hang')[];
  readonly close: () => Promise<void>;
}

export async function startWebhook(headers: Readonly<Record<string, string>> = {}): Promise<Webhook> {
  const bodies: string[] = [];
  const answers: Webhook['answers'] = [];
  const answer = (response: ServerResponse): void => {
    const next = answers.shift() ?? 200;
    if (next !== 'hang') response.writeHead(next, headers).end('answer of the server');
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      bodies.push(body);
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/services/T0/kanarysecret`,
    bodies,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

export interface Mailbox {
  readonly port: number;
  readonly messages: string[];
  /** SMTP status codes for the next messages; then they are taken. */
  readonly refusals: number[];
  readonly close: () => Promise<void>;
}

export async function startMailbox(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const messages: string[] = [];
  const refusals: number[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    ...options,
    onData(stream, _, done) {
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => (text += chunk));
      stream.on('end', () => {
        const responseCode = refusals.shift();
        if (responseCode !== undefined) {
          done(Object.assign(new Error('answer of the server'), { responseCode }));
          return;
        }
        messages.push(text);
        done();
      });
    },
  });
  // A client that gives up is no error of the test.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    messages,
    refusals,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
