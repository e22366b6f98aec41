import {
  AttestationError,
  ackCommitment,
  type CommitmentPath,
  decodePacket,
  encodePacketAttestation,
  encodeStateAttestation,
  hashPath,
  privateKeyToAddress,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import { attestor as pb } from '@interchain-attestation/proto';
import {
  GrpcCode,
  type GrpcServer,
  implement,
  RpcError,
  startGrpcServer,
  statusTable,
} from '@interchain-attestation/service';
import type { FakeChain } from './fake-chain.ts';

/** How an attestor behaves. */
export type Behaviour =
  | 'honest'
  | 'hung'
  | 'lies-about-commitments'
  | 'lies-about-time'
  | 'unsigned'
  | 'empty'
  | 'garbage'
  | 'high-s'
  | 'answers-packet-for-ack'
  | 'answers-other-height'
  | 'not-final'
  | 'conflict'
  | 'refuses'
  | 'behind'
  | 'huge';

export interface TestAttestor {
  readonly name: string;
  readonly address: string;
  readonly signer: `0x${string}`;
  behaviour: Behaviour;
  key: Uint8Array;
  delayMs: number;
  /** Blocks behind the chain. */
  lag: bigint;
  /** A packet that it refuses. */
  refusedSequence: bigint | undefined;
  /** Reported instead of the real latest height. */
  reports: bigint | undefined;
  /** Requests for attestations so far, by kind. */
  readonly asked: { state: number; packet: number; height: number };
  /** Requests for attestations that were under way at the same time, at most. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

export const testKey = (seed: number): Uint8Array => {
  const key = new Uint8Array(32).fill(1);
  new DataView(key.buffer).setUint32(28, seed + 1);
  return key;
};

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const toHighS = (signature: Uint8Array): Uint8Array => {
  const hex = Buffer.from(signature.subarray(32, 64)).toString('hex');
  const s = (ORDER - BigInt(`0x${hex}`)).toString(16).padStart(64, '0');
  const out = signature.slice();
  out.set(Buffer.from(s, 'hex'), 32);
  out[64] = out[64] === 27 ? 28 : 27;
  return out;
};

const KIND: Readonly<Record<number, CommitmentPath['kind']>> = { 0: 'packet', 1: 'acknowledgement', 2: 'receipt' };

class ChainBehind extends AttestationError {}

/** An attestor that reads a fake chain and signs with a real key, behind a real gRPC server. */
export const startTestAttestor = async (name: string, chain: FakeChain, key: Uint8Array): Promise<TestAttestor> => {
  const hung: (() => void)[] = [];
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  let atOnce = 0;
  let most = 0;

  const enter = async (height: bigint): Promise<void> => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    if (self.delayMs > 0) await sleep(self.delayMs);
    atOnce -= 1;
    if (self.behaviour === 'hung') await new Promise<void>((resolve) => hung.push(resolve));
    if (self.behaviour === 'refuses') throw new RpcError(GrpcCode.NotFound, 'no commitment');
    if (self.behaviour === 'behind') {
      throw new ChainBehind('attestor/chain-behind', 'the RPC is behind what was attested');
    }
    if (self.behaviour === 'conflict') throw new RpcError(GrpcCode.Aborted, 'guard conflict');
    const final = chain.finalized.height - self.lag;
    if (self.behaviour === 'not-final' || height > final) {
      throw new RpcError(GrpcCode.FailedPrecondition, `height ${height} is not final, ${final} is`);
    }
  };

  const attest = (kind: 'state' | 'packet', height: bigint, data: Uint8Array): { attestation?: object } => {
    if (self.behaviour === 'empty') return {};
    if (self.behaviour === 'garbage') {
      return { attestation: { height, attestedData: new Uint8Array(37).fill(255), signature: new Uint8Array(65) } };
    }
    if (self.behaviour === 'huge') {
      return { attestation: { height, attestedData: new Uint8Array(1 << 20), signature: new Uint8Array(65) } };
    }
    const signature = signDigest(signingDigest(kind, data), self.key);
    if (self.behaviour === 'unsigned') signature.fill(0);
    return {
      attestation: {
        height,
        attestedData: data,
        signature: self.behaviour === 'high-s' ? toHighS(signature) : signature,
      },
    };
  };

  const server: GrpcServer = await startGrpcServer({
    address: '127.0.0.1:0',
    maxRequestBytes: 16 << 20,
    toStatus: statusTable({ 'attestor/chain-behind': GrpcCode.Unavailable }),
    services: [
      implement(pb.AttestationService, {
        async stateAttestation({ height }) {
          self.asked.state += 1;
          await enter(height);
          const asked = self.behaviour === 'answers-other-height' ? height - 1n : height;
          const timestampSec = chain.header(asked)?.timestampSec ?? 0n;
          const lie = self.behaviour === 'lies-about-time' ? 7n : 0n;
          return attest('state', height, encodeStateAttestation({ height: asked, timestampSec: timestampSec + lie }));
        },
        async packetAttestation({ height, packets, commitmentType }) {
          self.asked.packet += 1;
          await enter(height);
          const swap = self.behaviour === 'answers-packet-for-ack' && commitmentType === 1;
          const kind = KIND[swap ? 0 : commitmentType] ?? 'packet';
          const entries = packets.map((bytes) => {
            const packet = decodePacket(bytes);
            if (packet.sequence === self.refusedSequence) {
              throw new RpcError(GrpcCode.InvalidArgument, 'the chain holds another commitment');
            }
            const clientId = kind === 'packet' ? packet.sourceClient : packet.destClient;
            const path: CommitmentPath = { kind, clientId, sequence: packet.sequence };
            const held = chain.held(height, path) ?? new Uint8Array(32);
            const commitment = self.behaviour === 'lies-about-commitments' ? ackCommitment([held]) : held;
            return { path: hashPath(path), commitment };
          });
          return attest('packet', height, encodePacketAttestation({ height, packets: entries }));
        },
        async latestHeight() {
          self.asked.height += 1;
          if (self.behaviour === 'hung') await new Promise<void>((resolve) => hung.push(resolve));
          if (self.delayMs > 0) await sleep(self.delayMs);
          return { height: self.reports ?? chain.finalized.height - self.lag };
        },
      }),
    ],
  });
  const self: TestAttestor = {
    name,
    address: `127.0.0.1:${server.port}`,
    signer: privateKeyToAddress(key),
    behaviour: 'honest',
    key,
    delayMs: 0,
    lag: 0n,
    refusedSequence: undefined,
    reports: undefined,
    asked: { state: 0, packet: 0, height: 0 },
    mostAtOnce: () => most,
    async close() {
      for (const release of hung) release();
      await server.close(0);
    },
  };
  return self;
};
