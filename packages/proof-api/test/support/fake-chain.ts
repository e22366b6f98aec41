import {
  type AttestationClientState,
  type BlockHeader,
  ChainError,
  type ChainReader,
  type ClientReader,
  type EventSource,
  type PacketEvent,
} from '@interchain-attestation/chains';
import {
  ackCommitment,
  bytesToHex,
  type CommitmentPath,
  type Hex,
  hashPath,
  keccak256,
  type Packet,
  packetCommitment,
  utf8ToBytes,
} from '@interchain-attestation/core';

interface Block {
  readonly header: BlockHeader;
  readonly state: ReadonlyMap<Hex, Uint8Array>;
}

export interface FakeClient {
  state: AttestationClientState;
  counterparty: string;
  readonly consensus: Map<bigint, bigint>;
}

const hash = (text: string): Hex => bytesToHex(keccak256(utf8ToBytes(text)));

/** A chain in memory: blocks with state, packets, clients. What its readers say can be bent, what it is cannot. */
export class FakeChain {
  readonly name: string;
  readonly kind: ChainReader['kind'];
  readonly finalityOffset: bigint;
  readonly clients: Map<string, FakeClient> = new Map();
  readonly router: Hex;
  readonly #blocks: Block[] = [];
  readonly #pending = new Map<Hex, Uint8Array | undefined>();
  #pendingEvents: ((header: BlockHeader) => PacketEvent)[] = [];
  readonly #txs = new Map<Hex, PacketEvent[]>();
  readonly #watchers = new Set<(head: BlockHeader) => void>();
  #txCount = 0;

  constructor(
    name: string,
    options: { kind?: ChainReader['kind']; finalityOffset?: bigint; router?: Hex; startSec?: bigint } = {},
  ) {
    this.name = name;
    this.kind = options.kind ?? 'evm';
    this.finalityOffset = options.finalityOffset ?? 0n;
    this.router = options.router ?? '0x5FbDB2315678afecb367f032d93F642f64180aa3';
    for (let i = 0; i < 10; i++) this.mine(i === 0 ? (options.startSec ?? 1_700_000_000n) : 1n);
  }

  get head(): BlockHeader {
    return this.#at(BigInt(this.#blocks.length - 1)).header;
  }

  get finalized(): BlockHeader {
    const height = this.head.height - this.finalityOffset;
    return this.#at(height < 0n ? 0n : height).header;
  }

  header(height: bigint): BlockHeader | undefined {
    return this.#blocks[Number(height)]?.header;
  }

  held(height: bigint, path: CommitmentPath): Uint8Array | undefined {
    return this.#at(height).state.get(bytesToHex(hashPath(path)));
  }

  /** Adds a block with everything that is pending. */
  mine(seconds = 1n): BlockHeader {
    const parent = this.#blocks.at(-1);
    const height = BigInt(this.#blocks.length);
    const timestampSec = (parent?.header.timestampSec ?? 0n) + seconds;
    const header: BlockHeader = {
      height,
      hash: hash(`${this.name}/${height}/${timestampSec}`),
      parentHash: parent?.header.hash ?? hash('genesis'),
      timestampSec,
    };
    const state = new Map(parent?.state ?? []);
    for (const [key, value] of this.#pending) {
      if (value === undefined) state.delete(key);
      else state.set(key, value);
    }
    this.#pending.clear();
    this.#blocks.push({ header, state });
    for (const toEvent of this.#pendingEvents.splice(0)) {
      const event = toEvent(header);
      this.#txs.set(event.txId, [...(this.#txs.get(event.txId) ?? []), event]);
    }
    for (const watcher of this.#watchers) watcher(header);
    return header;
  }

  set(path: CommitmentPath, value: Uint8Array | undefined): void {
    this.#pending.set(bytesToHex(hashPath(path)), value);
  }

  newTx(): Hex {
    this.#txCount += 1;
    return hash(`${this.name}/tx/${this.#txCount}`);
  }

  /** Sends packets in one transaction of the next block. */
  send(packets: readonly Packet[], txId: Hex = this.newTx()): Hex {
    for (const packet of packets) {
      this.set({ kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence }, packetCommitment(packet));
      this.#event(txId, (place) => ({ ...place, type: 'send', packet }));
    }
    return txId;
  }

  /** Receives packets in one transaction of the next block. */
  receive(packets: readonly Packet[], written: Uint8Array | readonly Uint8Array[], txId: Hex = this.newTx()): Hex {
    const acknowledgements = written instanceof Uint8Array ? [written] : written;
    for (const packet of packets) {
      const at = { clientId: packet.destClient, sequence: packet.sequence };
      this.set({ kind: 'receipt', ...at }, keccak256(utf8ToBytes('receipt')));
      this.set({ kind: 'acknowledgement', ...at }, ackCommitment(acknowledgements));
      this.#event(txId, (place) => ({
        ...place,
        type: 'write-acknowledgement',
        packet,
        acknowledgements,
      }));
    }
    return txId;
  }

  addClient(clientId: string, counterparty: string, state: Partial<AttestationClientState>): FakeClient {
    const client: FakeClient = {
      counterparty,
      consensus: new Map(),
      state: {
        attestors: [],
        minRequiredSigs: 1,
        latestHeight: 0n,
        isFrozen: false,
        verifiesOncePerTransaction: true,
        location: this.router,
        ...state,
      },
    };
    this.clients.set(clientId, client);
    return client;
  }

  watch(onHead: (head: BlockHeader) => void): { close(): void } {
    this.#watchers.add(onHead);
    return { close: () => this.#watchers.delete(onHead) };
  }

  transaction(txId: Hex): readonly PacketEvent[] {
    const events = this.#txs.get(txId);
    if (events === undefined) throw new ChainError('chain/tx-not-found', `no transaction ${txId}`, { retryable: true });
    return events;
  }

  #at(height: bigint): Block {
    const block = this.#blocks[Number(height)];
    if (block === undefined) throw new ChainError('chain/height-not-found', `no block ${height}`);
    return block;
  }

  #event(txId: Hex, make: (place: Omit<PacketEvent, 'type' | 'packet'> & { index: number }) => PacketEvent): void {
    const index = this.#pendingEvents.length;
    this.#pendingEvents.push((header) => make({ height: header.height, blockHash: header.hash, txId, index } as never));
  }
}

/** How the readers of a chain deviate from it. */
export interface Bend {
  header?: (header: BlockHeader) => BlockHeader;
  commitment?: (path: CommitmentPath, held: Uint8Array | undefined) => Uint8Array | undefined;
  /** Heights whose state is gone. */
  prunedBelow?: bigint;
  unavailable?: boolean;
}

/** The ports of a fake chain, with how they deviate; `bend` may be changed at any time. */
export interface FakePorts {
  readonly reader: ChainReader;
  readonly clients: ClientReader;
  readonly events: EventSource;
  readonly bend: Bend;
  /** How often each port method was called. */
  readonly calls: Map<string, number>;
}

export const fakePorts = (chain: FakeChain, maxTxBytes = 131_072, maxTxGas: bigint = 1n << 24n): FakePorts => {
  const bend: Bend = {};
  const calls = new Map<string, number>();
  const count = (method: string): void => {
    calls.set(method, (calls.get(method) ?? 0) + 1);
    if (bend.unavailable) throw new ChainError('chain/unavailable', `${chain.name} is down`, { retryable: true });
  };
  const bent = (header: BlockHeader): BlockHeader => bend.header?.(header) ?? header;
  const client = (clientId: string): FakeClient => {
    const found = chain.clients.get(clientId);
    if (found === undefined) throw new ChainError('chain/client-not-found', `no client ${clientId}`);
    return found;
  };
  return {
    bend,
    calls,
    reader: {
      kind: chain.kind,
      name: chain.name,
      origin: 'http://fake',
      identity: async () => ({
        chainId: chain.name,
        genesisHash: hash('genesis'),
        store: chain.kind === 'evm' ? chain.router : 'ibc',
      }),
      latestBlock: async () => {
        count('latestBlock');
        return bent(chain.head);
      },
      finalizedBlock: async () => {
        count('finalizedBlock');
        return bent(chain.finalized);
      },
      headers: async (heights) => {
        count('headers');
        return heights.map((height) => {
          const header = chain.header(height);
          return header === undefined ? undefined : bent(header);
        });
      },
      commitments: async (block, paths) => {
        count('commitments');
        if (bend.prunedBelow !== undefined && block.height < bend.prunedBelow) {
          throw new ChainError('chain/state-pruned', `state of ${block.height} is gone`);
        }
        return paths.map((path) => {
          const held = chain.held(block.height, path);
          return bend.commitment === undefined ? held : bend.commitment(path, held);
        });
      },
      limits: async () => ({ maxTxBytes, maxTxGas }),
      close: async () => {},
    },
    clients: {
      clientState: async (clientId) => {
        count('clientState');
        return { ...client(clientId).state };
      },
      consensusTimestamps: async (clientId, heights) => heights.map((height) => client(clientId).consensus.get(height)),
      counterparty: async (clientId) => ({
        clientId: client(clientId).counterparty,
        merklePrefix: [new Uint8Array()],
      }),
    },
    events: {
      transactionEvents: async (txId) => {
        count('transactionEvents');
        return chain.transaction(txId);
      },
      async *events() {},
      watchHeads: ({ onHead }) => chain.watch((head) => onHead(bent(head))),
    },
  };
};
