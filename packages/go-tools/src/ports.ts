import { createServer } from 'node:net';
import { GoToolsError } from './errors.ts';

/**
 * Below the range from which systems take the ports of outgoing connections (32768 and up on Linux, 49152 elsewhere): a
 * port from there could be gone before the process that it was chosen for listens, and again while that restarts.
 */
const FIRST = 12_000;
const BLOCK = 64;
const BLOCKS = 320;

/** Each process looks through the ports from another place on, so that networks started at once do not meet. */
let next = (process.pid % BLOCKS) * BLOCK;

const hold = (port: number): Promise<{ port: number; close(): Promise<void> } | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      resolve({ port, close: () => new Promise((done) => server.close(() => done())) });
    });
  });

/**
 * Ports of 127.0.0.1 that nobody uses; none comes twice from one process until all have been tried.
 * @throws GoToolsError `go-tools/no-port` when there are not so many
 */
export const findFreePorts = async (count: number): Promise<readonly number[]> => {
  const held: { port: number; close(): Promise<void> }[] = [];
  for (let tries = 0; held.length < count; tries += 1) {
    if (tries === BLOCK * BLOCKS) throw new GoToolsError('go-tools/no-port', `there are no ${count} free ports`);
    const found = await hold(FIRST + next);
    next = (next + 1) % (BLOCK * BLOCKS);
    if (found !== undefined) held.push(found);
  }
  await Promise.all(held.map(({ close }) => close()));
  return held.map(({ port }) => port);
};
