import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { GoToolsError } from './errors.ts';

/** What the oracle answers; which fields there are depends on the request (conformance/ibc-go/oracle). */
export type OracleAnswer = Readonly<Record<string, unknown>>;

/** A running oracle. Requests may be sent without waiting for answers: they are worked off in their order. */
export interface OracleClient {
  /** @throws GoToolsError `go-tools/oracle-failed` when the oracle cannot use the request, or ends */
  request(op: string, body?: object): Promise<OracleAnswer>;
  /** Ends the process once everything asked was answered. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: OracleAnswer): void;
  reject(error: Error): void;
}

const failed = (message: string): GoToolsError => new GoToolsError('go-tools/oracle-failed', message);

/** Starts the program that {@link goProgram} found as `ibc-go-oracle`. */
export const startOracle = (path: string): OracleClient => {
  const child = spawn(path, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let ended: Error | undefined;

  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  child.on('error', (error) => end(failed(`the oracle does not start: ${error.message}`)));
  // A write to a process that just died fails here; `exit` tells the requests.
  child.stdin.on('error', () => {});
  const exited = once(child, 'close').catch(() => undefined);
  child.on('close', (code, signal) => end(failed(`the oracle ended (${signal ?? code})`)));

  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as OracleAnswer;
    const id = answer.id as number;
    const request = waiting.get(id);
    waiting.delete(id);
    if (answer.fault === undefined) request?.resolve(answer);
    else request?.reject(failed(`the oracle cannot use the request: ${answer.fault}`));
  });

  return {
    request: (op, body = {}) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ id, op, ...body })}\n`);
      }),
    async close() {
      child.stdin.end();
      await exited;
    },
  };
};
