import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { encodePacket, type Packet } from '@interchain-attestation/core';
import { attestor } from '@interchain-attestation/proto';
import { type Anvil, startAnvil } from '../../test/support/anvil.ts';
import { testPacket } from '../../test/support/harness.ts';
import { installRouter, ROUTER, setSent } from '../../test/support/tiny-router.ts';
import type { BenchAttestor, BenchUsage } from './attestor-process.ts';
import { type EncodedRequest, encodeRequest } from './h2-load.ts';

/** Blocks of the chain: as many different heights can be asked for. */
const HEIGHTS = 4_000;
/** Blocks whose state anvil keeps: packets are read in the newest of them. */
const KEPT_STATES = 40;

const STATE = '/ibc_attestor.AttestationService/StateAttestation';
const PACKETS = '/ibc_attestor.AttestationService/PacketAttestation';

/** A chain with many blocks and many sent packets. */
export interface BenchChain {
  readonly anvil: Anvil;
  /** Highest final height. */
  readonly finalHeight: bigint;
  readonly packets: readonly Packet[];
}

export const createBenchChain = async (packetCount: number): Promise<BenchChain> => {
  const anvil = await startAnvil(['--prune-history', String(KEPT_STATES)]);
  for (let mined = 0; mined < HEIGHTS; mined += 500) {
    await anvil.batch(Array.from({ length: 500 }, () => ({ method: 'evm_mine', params: [] })));
  }
  await installRouter(anvil);
  const packets = Array.from({ length: packetCount }, (_, i) => testPacket(BigInt(i + 1)));
  await setSent(anvil, packets);
  await anvil.rpc('anvil_mine', ['0x5']);
  const head = BigInt(await anvil.rpc<string>('eth_blockNumber'));
  return { anvil, finalHeight: head - 1n, packets };
};

export const stateRequest = (height: bigint): EncodedRequest =>
  encodeRequest(
    STATE,
    toBinary(attestor.StateAttestationRequestSchema, create(attestor.StateAttestationRequestSchema, { height })),
  );

export const packetRequest = (packets: readonly Packet[], height: bigint): EncodedRequest =>
  encodeRequest(
    PACKETS,
    toBinary(
      attestor.PacketAttestationRequestSchema,
      create(attestor.PacketAttestationRequestSchema, { packets: packets.map(encodePacket), height }),
    ),
  );

/**
 * How the README tells operators to start Node. By default the young generation grows to 130 MB, and the old one to
 * twice what is alive, for nothing that could be measured; with a compile cache the second start takes half the CPU.
 */
const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=80'];
const COMPILE_CACHE = join(tmpdir(), 'attestor-bench-compile-cache');

/** An attestor in a process of its own, on a guard of its own. */
export interface BenchProcess {
  /** The attestor to measure. */
  readonly port: number;
  /** One to warm up on: same process, same chain, another key and guard. */
  readonly warmPort: number;
  usage(): Promise<BenchUsage>;
  stop(): Promise<void>;
}

export const startBenchAttestor = async (
  chain: BenchChain,
  options: Pick<BenchAttestor, 'guard' | 'maxCachedAnswers'>,
): Promise<BenchProcess> => {
  const directory = await mkdtemp(join(tmpdir(), 'attestor-bench-'));
  const guardPath = join(directory, 'guard.db');
  const argument: BenchAttestor = { rpcUrl: chain.anvil.url, router: ROUTER, guardPath, ...options };
  const child: ChildProcess = fork(join(import.meta.dirname, 'attestor-process.ts'), [JSON.stringify(argument)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: NODE_FLAGS,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...(process.env.BENCH_NODE_OPTIONS ? { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS } : {}),
    },
  });
  const exited = once(child, 'exit');
  const failed = exited.then(() => Promise.reject(new Error('the attestor ended')));
  failed.catch(() => {});
  const [ports] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number; warmPort: number }];
  return {
    ...ports,
    async usage() {
      const answer = once(child, 'message') as Promise<[BenchUsage]>;
      child.send('usage');
      return (await answer)[0];
    },
    async stop() {
      child.disconnect();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** TCP connections open to a port of this machine, as the kernel lists them; undefined where it does not. */
export const connectionsTo = (url: string): number | undefined => {
  try {
    const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
    return readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .filter((line) => new RegExp(`^\\s*\\d+: \\S+ \\S+:${port} 01 `).test(line)).length;
  } catch {
    return undefined;
  }
};
