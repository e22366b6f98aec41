// One attestor in a process of its own: `node attestor-process.ts '{...}'`. Prints its ports once it listens.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { attestorProcessSchema, startAttestor } from '@interchain-attestation/attestor';
import type { BlockHeader } from '@interchain-attestation/chains';
import { type ChainReader, createMemorySigner, systemClock } from '@interchain-attestation/chains';
import { createEvmChain } from '@interchain-attestation/chains/evm';
import { openGuard } from '@interchain-attestation/guard';
import { createLogger } from '@interchain-attestation/service';

/** What the parent passes. */
export interface AttestorProcessOptions {
  readonly rpcUrl: string;
  readonly chainId: string;
  readonly router: string;
  readonly key: string;
  readonly guardPath: string;
  /** States every block seven seconds late. */
  readonly lies: boolean;
}

const lie = (reader: ChainReader): ChainReader => {
  const bend = <T extends BlockHeader | undefined>(header: T): T =>
    header === undefined ? header : { ...header, timestampSec: header.timestampSec + 7n };
  return {
    ...reader,
    headers: async (...args) => (await reader.headers(...args)).map(bend),
    finalizedBlock: async (...args) => bend(await reader.finalizedBlock(...args)),
    latestBlock: async (...args) => bend(await reader.latestBlock(...args)),
  };
};

/** How far away the second port is, one way, in ms: attestors of different operators stand on different continents. */
const DISTANCE_MS = 50;

const forward = (from: Socket, to: Socket): void => {
  from.on('data', (bytes) => setTimeout(() => to.write(bytes), DISTANCE_MS));
  from.on('close', () => to.destroy());
  from.on('error', () => to.destroy());
};

/** A port through which everything takes {@link DISTANCE_MS} in each direction. */
const listenFarAway = async (port: number): Promise<number> => {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.setNoDelay(true);
    far.setNoDelay(true);
    forward(near, far);
    forward(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

const main = async (): Promise<void> => {
  const options = JSON.parse(process.argv[2] ?? '{}') as AttestorProcessOptions;
  const { rpcUrl, chainId, router } = options;
  const chain = createEvmChain({ name: 'a', chainId, rpcUrl, router, finality: { tag: 'latest' } });
  const config = attestorProcessSchema.parse({
    attestors: [{ name: 'it', listen: '127.0.0.1:0', guardPath: options.guardPath, createGuard: true }],
  });
  const reader = options.lies ? lie(chain.reader) : chain.reader;
  const { ports } = await startAttestor(config, {
    parts: { it: { chain: reader, signer: createMemorySigner(options.key) } },
    openGuard,
    clock: systemClock,
    logger: createLogger({ name: 'attestor', level: 'error', destination: process.stderr }),
  });
  const near = ports.it ?? 0;
  console.log(JSON.stringify({ near, far: await listenFarAway(near) }));
};

if (import.meta.main) await main();
