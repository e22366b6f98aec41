import { createFakeChain } from '@interchain-attestation/chains/testing';
import type { Packet } from '@interchain-attestation/core';
import {
  type ChainHarness,
  chainReaderConformance,
  clientReaderConformance,
  eventSourceConformance,
  FINALITY_OFFSET,
  txSenderConformance,
} from './conformance/index.ts';

const CLIENT = 'client-0';
const ATTESTORS = ['0x70997970C51812dc3A010C7d01b50e0d17dc79C8', '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'] as const;

const createHarness = async (): Promise<ChainHarness> => {
  const chain = createFakeChain({ finalityOffset: FINALITY_OFFSET });
  const noRouter = createFakeChain();
  noRouter.setIsRouter(false);
  let sequence = 0n;
  const nextPacket = (): Packet => ({
    sequence: ++sequence,
    sourceClient: CLIENT,
    destClient: 'client-7',
    timeoutTimestampSec: 1_800_000_000n,
    payloads: [],
  });
  chain.setClient(CLIENT, {
    state: {
      attestors: ATTESTORS,
      minRequiredSigs: 2,
      latestHeight: 5n,
      isFrozen: false,
      verifiesOncePerTransaction: true,
      location: '0x01',
    },
    counterparty: { clientId: 'client-7', merklePrefix: [new Uint8Array()] },
    consensus: new Map([[5n, 1_700_000_000n]]),
  });
  chain.onTransaction(({ tx }) =>
    tx[0] === 0xff
      ? { revert: 'NotMember' }
      : { effects: { events: [{ type: 'send', packet: nextPacket() }], writes: [] } },
  );
  return {
    ...chain,
    sender: chain.createSender('0xsender'),
    readerOfNoRouter: noRouter.reader,
    client: {
      id: CLIENT,
      counterpartyId: 'client-7',
      attestors: ATTESTORS,
      minRequiredSigs: 2,
      latestHeight: 5n,
      latestTimestampSec: 1_700_000_000n,
      verifiesOncePerTransaction: true,
    },
    mine: async (blocks) => void chain.mine(blocks),
    reorg: async (depth) => void chain.reorg(depth),
    async sendPacket() {
      const packet = nextPacket();
      const txId = chain.sendPacket(packet);
      chain.mine();
      return { txId, packet };
    },
    async failTransaction() {
      const txId = chain.fail();
      chain.mine();
      return txId;
    },
    transactions: {
      good: { tx: Uint8Array.of(1), address: '0x02' },
      reverting: { tx: Uint8Array.of(0xff), address: '0x02' },
      revertName: 'NotMember',
      tooLarge: { tx: new Uint8Array(200_000), address: '0x02' },
    },
    stop: async () => {},
  };
};

chainReaderConformance('fake', createHarness);
clientReaderConformance('fake', createHarness);
eventSourceConformance('fake', createHarness);
txSenderConformance('fake', createHarness);
