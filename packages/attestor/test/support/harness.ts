import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChainReader, createMemorySigner, type Signer, systemClock } from '@interchain-attestation/chains';
import { encodePacket, type Packet } from '@interchain-attestation/core';
import { type Guard, openGuard } from '@interchain-attestation/guard';
import { attestor } from '@interchain-attestation/proto';
import { createLocalClient, type RpcClient } from '@interchain-attestation/service';
import {
  type Attestor,
  type AttestorEvent,
  type AttestorLimits,
  attestorLimitsSchema,
  createAttestor,
  toStatus,
} from '../../src/index.ts';

export type AttestorClient = RpcClient<typeof attestor.AttestationService>;

/** Private key of every test attestor. */
export const TEST_KEY: Uint8Array = new Uint8Array(32).fill(7);

export interface Harness {
  readonly attestor: Attestor;
  readonly client: AttestorClient;
  readonly guard: Guard;
  readonly signer: Signer;
  readonly events: AttestorEvent[];
  readonly guardPath: string;
  /** Closes the attestor and opens another on the same guard. */
  restart(chain?: ChainReader): Promise<void>;
  close(): Promise<void>;
}

/** An attestor over a chain, with a real guard on disk, behind an in-memory client. */
export const createHarness = async (
  firstChain: ChainReader,
  limits: Partial<AttestorLimits> & { wrapGuard?: (guard: Guard) => Guard; signer?: Signer } = {},
): Promise<Harness> => {
  const { wrapGuard = (guard) => guard, signer = createMemorySigner(TEST_KEY), ...overrides } = limits;
  const directory = await mkdtemp(join(tmpdir(), 'attestor-'));
  const guardPath = join(directory, 'guard.db');
  const events: AttestorEvent[] = [];
  const open = async (chain: ChainReader, create: boolean) => {
    const guard = await openGuard({ path: guardPath, source: await chain.identity(), key: signer.address, create });
    const made = createAttestor(
      {
        chain,
        guard: wrapGuard(guard),
        signer,
        clock: systemClock,
        emit: (event) => events.push(event),
      },
      attestorLimitsSchema.parse({ pollIntervalMs: 60_000, maxFinalityAgeSec: 0, ...overrides }),
    );
    const client = createLocalClient(attestor.AttestationService, made.impl, { toStatus, timeoutMs: 10_000 });
    return { guard, attestor: made, client };
  };
  let current = await open(firstChain, true);
  let chain = firstChain;
  return {
    get attestor() {
      return current.attestor;
    },
    get client() {
      return current.client;
    },
    get guard() {
      return current.guard;
    },
    signer,
    events,
    guardPath,
    async restart(next) {
      await current.attestor.close();
      chain = next ?? chain;
      current = await open(chain, false);
    },
    async close() {
      await current.attestor.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** A packet with one 100-byte payload. */
export const testPacket = (sequence: bigint, overrides: Partial<Packet> = {}): Packet => ({
  sequence,
  sourceClient: 'client-0',
  destClient: 'client-1',
  timeoutTimestampSec: 1_900_000_000n,
  payloads: [
    {
      sourcePort: 'transfer',
      destPort: 'transfer',
      version: 'ics20-1',
      encoding: 'application/x-solidity-abi',
      value: new Uint8Array(100).fill(Number(sequence % 256n)),
    },
  ],
  ...overrides,
});

export const encodePackets = (...packets: readonly Packet[]): Uint8Array[] => packets.map(encodePacket);
