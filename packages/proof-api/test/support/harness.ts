import type { ChainReader } from '@interchain-attestation/chains';
import { type Address, type Hex, hexToBytes, type Packet, privateKeyToAddress } from '@interchain-attestation/core';
import { createRegistry, type Registry } from '@interchain-attestation/service';
import {
  createMemoryEvidenceStore,
  createProofApi,
  type EvidenceStore,
  type ProofApi,
  type ProofApiConfig,
  type ProofApiEvent,
  parseProofApiConfig,
  type RelayQuery,
} from '../../src/index.ts';
import { FakeChain, type FakeClient, type FakePorts, fakePorts } from './fake-chain.ts';
import { startTestAttestor, type TestAttestor, testKey } from './test-attestor.ts';

export const SOURCE_CLIENT = 'client-a';
export const DEST_CLIENT = 'client-b';

export interface Harness {
  readonly a: FakeChain;
  readonly b: FakeChain;
  readonly portsA: FakePorts;
  readonly portsB: FakePorts;
  readonly client: FakeClient;
  readonly attestors: readonly TestAttestor[];
  readonly api: ProofApi;
  readonly events: ProofApiEvent[];
  readonly evidence: EvidenceStore;
  readonly metrics: Registry;
  /** Resolves at the first event (past or future) that fits. */
  event<T extends ProofApiEvent['type']>(
    type: T,
    fits?: (event: Extract<ProofApiEvent, { type: T }>) => boolean,
  ): Promise<Extract<ProofApiEvent, { type: T }>>;
  close(): Promise<void>;
}

export interface HarnessOptions {
  readonly n?: number;
  readonly m?: number;
  readonly once?: boolean;
  readonly finalityOffset?: bigint;
  readonly maxTxBytes?: number;
  readonly maxTxGas?: bigint;
  /** Kinds of the two chains; both EVM by default. */
  readonly kinds?: { readonly a: ChainReader['kind']; readonly b: ChainReader['kind'] };
  readonly config?: Partial<ProofApiConfig>;
  /** Attestors that never listen, after the n real ones. */
  readonly dead?: number;
}

/** Two fake chains, n attestors of the first over real gRPC, and a proof API from the first to the second. */
export const startHarness = async (options: HarnessOptions = {}): Promise<Harness> => {
  const { n = 5, m = 3, once = true, dead = 0, kinds = { a: 'evm', b: 'evm' } } = options;
  const a = new FakeChain('a', { kind: kinds.a, finalityOffset: options.finalityOffset ?? 0n });
  const b = new FakeChain('b', { kind: kinds.b });
  const attestors = await Promise.all(
    Array.from({ length: n }, (_, i) => startTestAttestor(`attestor-${i}`, a, testKey(i))),
  );
  const deadSigners = Array.from({ length: dead }, (_, i): Address => privateKeyToAddress(testKey(n + i)));
  a.addClient(SOURCE_CLIENT, DEST_CLIENT, {});
  const client = b.addClient(DEST_CLIENT, SOURCE_CLIENT, {
    attestors: [...attestors.map(({ signer }) => signer), ...deadSigners],
    minRequiredSigs: m,
    verifiesOncePerTransaction: once,
  });
  const portsA = fakePorts(a);
  const portsB = fakePorts(b, options.maxTxBytes, options.maxTxGas);
  const events: ProofApiEvent[] = [];
  const waiting = new Set<(event: ProofApiEvent) => void>();
  const evidence = createMemoryEvidenceStore();
  const metrics = createRegistry({ processMetrics: false });
  const endpoints = attestors.map(({ name, address }) => ({ name, address }));
  const gone = deadSigners.map((_, i) => ({ name: `dead-${i}`, address: `127.0.0.1:${1 + i}` }));
  const config = parseProofApiConfig({
    listenAddress: '127.0.0.1:0',
    sources: [{ chain: 'a', attestors: [...endpoints, ...gone] }],
    routes: [{ source: 'a', dest: 'b' }],
    attestorTimeoutMs: 8_000,
    finalityWaitMs: 150,
    heightPollMs: 50,
    clientCacheMs: 2_000,
    ...options.config,
  });
  const onEvent = (event: ProofApiEvent): void => {
    events.push(event);
    for (const each of waiting) each(event);
  };
  const api = createProofApi({ chains: [portsA, portsB], evidence, metrics, onEvent }, config);
  return {
    a,
    b,
    portsA,
    portsB,
    client,
    attestors,
    api,
    events,
    evidence,
    metrics,
    event: (type, fits = () => true) =>
      new Promise((resolve) => {
        const look = (event: ProofApiEvent): void => {
          if (event.type !== type || !fits(event as never)) return;
          waiting.delete(look);
          resolve(event as never);
        };
        waiting.add(look);
        for (const event of events) look(event);
      }),
    async close() {
      await api.close();
      await Promise.all(attestors.map((attestor) => attestor.close()));
    },
  };
};

/** A packet from A to B (or, reversed, from B to A). */
export const packet = (sequence: bigint, change: Partial<Packet> & { reversed?: boolean } = {}): Packet => {
  const { reversed = false, ...rest } = change;
  return {
    sequence,
    sourceClient: reversed ? DEST_CLIENT : SOURCE_CLIENT,
    destClient: reversed ? SOURCE_CLIENT : DEST_CLIENT,
    timeoutTimestampSec: 1_700_003_600n,
    payloads: [
      {
        sourcePort: 'transfer',
        destPort: 'transfer',
        version: 'ics20-1',
        encoding: 'application/x-solidity-abi',
        value: new Uint8Array(192).fill(Number(sequence % 251n)),
      },
    ],
    ...rest,
  };
};

export const packets = (count: number, change: Parameters<typeof packet>[1] = {}): Packet[] =>
  Array.from({ length: count }, (_, i) => packet(BigInt(i + 1), change));

export const query = (change: Partial<RelayQuery>): RelayQuery => ({
  sourceTxIds: [],
  timeoutTxIds: [],
  sourceClientId: SOURCE_CLIENT,
  destClientId: DEST_CLIENT,
  sourceSequences: [],
  destSequences: [],
  ...change,
});

export const txIdBytes = (txId: Hex): Uint8Array => hexToBytes(txId);
