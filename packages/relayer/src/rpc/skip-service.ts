import type { skipRelayer } from '@interchain-attestation/proto';
import type { ServiceImpl } from '@interchain-attestation/service';
import type { Relayer } from '../relayer.ts';
import { parseTxHash } from './parse-tx-hash.ts';
import { recordToPacketStatus } from './to-proto.ts';

/** Serves the request-driven API that wallets and explorers know: relay a transaction, ask how it stands. */
export const createSkipService = (relayer: Relayer): ServiceImpl<typeof skipRelayer.RelayerApiService> => ({
  relay: async ({ txHash, chainId }) => {
    await relayer.relayTransaction(chainId, parseTxHash(txHash));
    return {};
  },
  status: async ({ txHash, chainId }) => {
    const records = await relayer.queries.byTransaction(parseTxHash(txHash), chainId === '' ? undefined : chainId);
    return { packetStatuses: records.map(recordToPacketStatus) };
  },
});
