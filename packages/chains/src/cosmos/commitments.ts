import type { CommitmentKind } from '@interchain-attestation/core';
import {
  QueryPacketAcknowledgementRequest,
  QueryPacketAcknowledgementResponse,
  QueryPacketCommitmentRequest,
  QueryPacketCommitmentResponse,
  QueryPacketReceiptRequest,
  QueryPacketReceiptResponse,
} from 'cosmjs-types/ibc/core/channel/v2/query';
import { ChainError } from '../errors.ts';
import type { BlockHeader, ChainReader, StorePath } from '../ports.ts';
import { encodeMessage } from './encode-message.ts';
import type { CosmosHeaderReader } from './headers.ts';
import type { AbciQuery } from './rpc/abci-query.ts';
import { malformed } from './rpc/node-error.ts';

/** What a query says, decoded: `held` is undefined for an absence that the answer states. */
interface Held {
  readonly value: Uint8Array | undefined;
  readonly proofHeight: bigint | undefined;
}

interface Query {
  readonly path: string;
  readonly encode: (request: { clientId: string; sequence: bigint }) => Uint8Array;
  readonly decode: (value: Uint8Array) => Held;
  /** Whether the gRPC status NotFound is how the method says that nothing is there. */
  readonly notFoundIsAbsent: boolean;
}

/** What ibc-go stores as a receipt (proto3 has no way to say "stored": the answer is a boolean). */
const RECEIPT: Uint8Array = Uint8Array.of(2);
const SERVICE = '/ibc.core.channel.v2.Query';

const QUERIES: Readonly<Record<CommitmentKind, Query>> = {
  packet: {
    path: `${SERVICE}/PacketCommitment`,
    encode: (request) => encodeMessage(QueryPacketCommitmentRequest, QueryPacketCommitmentRequest.fromPartial(request)),
    decode: (value) => {
      const { commitment, proofHeight } = QueryPacketCommitmentResponse.decode(value);
      return { value: assertHash(commitment), proofHeight: proofHeight?.revisionHeight };
    },
    notFoundIsAbsent: true,
  },
  acknowledgement: {
    path: `${SERVICE}/PacketAcknowledgement`,
    encode: (request) =>
      encodeMessage(QueryPacketAcknowledgementRequest, QueryPacketAcknowledgementRequest.fromPartial(request)),
    decode: (value) => {
      const { acknowledgement, proofHeight } = QueryPacketAcknowledgementResponse.decode(value);
      return { value: assertHash(acknowledgement), proofHeight: proofHeight?.revisionHeight };
    },
    notFoundIsAbsent: true,
  },
  receipt: {
    path: `${SERVICE}/PacketReceipt`,
    encode: (request) => encodeMessage(QueryPacketReceiptRequest, QueryPacketReceiptRequest.fromPartial(request)),
    decode: (value) => {
      const { received, proofHeight } = QueryPacketReceiptResponse.decode(value);
      return { value: received ? RECEIPT : undefined, proofHeight: proofHeight?.revisionHeight };
    },
    // The one absence that is attested, and money is refunded on it: only the method's own "not received" will do.
    notFoundIsAbsent: false,
  },
};

function assertHash(value: Uint8Array): Uint8Array {
  if (value.length !== 32) throw new Error(`a commitment of ${value.length} bytes`);
  // A copy: the decoded bytes are a view into the whole answer.
  return Uint8Array.from(value);
}

/**
 * Reads what the chain holds in the state after one block. Absent only when the application said so for that height:
 * `received = false` in an answer that names the height in its own body too, or NotFound for a commitment.
 */
export const createCosmosCommitmentReader = (parts: {
  readonly origin: string;
  readonly query: AbciQuery;
  readonly headers: CosmosHeaderReader;
}): ChainReader['commitments'] => {
  const { origin, query, headers } = parts;

  const assertCanonical = async (block: BlockHeader): Promise<void> => {
    if (!/^0x[0-9a-f]{64}$/.test(block.hash)) {
      throw new ChainError('chain/invalid-input', 'not a block hash', { meta: { height: block.height } });
    }
    const found = await headers.at(block.height);
    if (found === undefined) {
      throw new ChainError('chain/unavailable', `RPC at ${origin} has no block ${block.height}`, {
        meta: { origin, kind: 'unknown-block', height: block.height },
        retryable: true,
      });
    }
    if (found.header.hash !== block.hash) {
      throw new ChainError('chain/block-not-canonical', `block ${block.height} is ${found.header.hash}`, {
        meta: { origin, height: block.height, expected: block.hash, got: found.header.hash },
      });
    }
  };

  const readOne = async (height: bigint, path: StorePath): Promise<Uint8Array | undefined> => {
    const method = QUERIES[path.kind];
    const answer = await query(method.path, method.encode(path), height);
    if (answer.kind === 'invalid-argument') {
      throw new ChainError('chain/invalid-input', `not a path of this chain: ${answer.log}`, {
        meta: { kind: path.kind, clientId: path.clientId.slice(0, 140), sequence: path.sequence },
      });
    }
    if (answer.kind === 'not-found') {
      if (method.notFoundIsAbsent) return undefined;
      throw malformed(origin, `${method.path} answered: ${answer.log}`);
    }
    let held: Held;
    try {
      held = method.decode(answer.value);
    } catch (error) {
      throw malformed(origin, `${method.path} does not decode: ${(error as Error).message}`, error);
    }
    // An empty value would decode as "not received": the body itself must name the height.
    if (held.proofHeight !== height) {
      throw malformed(origin, `${method.path}: asked for height ${height}, the answer is of ${held.proofHeight}`);
    }
    return held.value;
  };

  return async (block, paths) => {
    // State is only read of a block that is there: a height far beyond the head is no question to the application.
    await assertCanonical(block);
    return Promise.all(paths.map((path) => readOne(block.height, path)));
  };
};
