import type { relayer as proto } from '@interchain-attestation/proto';
import type { ServiceImpl } from '@interchain-attestation/service';
import { PACKET_STATES, type PacketState } from '../domain/packet-state.ts';
import { RelayerError } from '../errors.ts';
import type { Relayer } from '../relayer.ts';
import { parseTxHash } from './parse-tx-hash.ts';
import { recordToProto } from './to-proto.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const MAX_SEQUENCES = 10_000;
const BALANCE_TIMEOUT_MS = 2_000;

const invalid = (message: string): RelayerError => new RelayerError('relayer/invalid-request', message);

const parsePage = (token: string): number | undefined => {
  if (token === '') return undefined;
  const page = /^[0-9]{1,15}$/.test(token) ? Number(token) : Number.NaN;
  if (!Number.isSafeInteger(page)) throw invalid('page_token is none of this service');
  return page;
};

const text = (value: string, name: string): string => {
  if (value === '') throw invalid(`${name} is empty`);
  return value;
};

/** Serves what operators ask. */
export const createRelayerService = (relayer: Relayer): ServiceImpl<typeof proto.RelayerService> => ({
  listPackets: async ({ states, sourceChainId, sourceClientId, limit, pageToken }) => {
    for (const state of states) {
      if (!PACKET_STATES.includes(state as PacketState)) {
        throw invalid(`no state is called ${state.slice(0, 40)}; states: ${PACKET_STATES.join(', ')}`);
      }
    }
    if (limit > MAX_LIMIT) throw invalid(`limit: at most ${MAX_LIMIT}, got ${limit}`);
    const filter = {
      states,
      ...(sourceChainId === '' ? {} : { sourceChainId }),
      ...(sourceClientId === '' ? {} : { sourceClientId }),
    };
    const page = parsePage(pageToken);
    const { packets, nextPage } = await relayer.queries.list(filter, limit === 0 ? DEFAULT_LIMIT : limit, page);
    return { packets: packets.map(recordToProto), nextPageToken: nextPage?.toString() ?? '' };
  },

  tracePackets: async ({ txHash, chainId }) => {
    const records = await relayer.queries.byTransaction(parseTxHash(txHash), chainId === '' ? undefined : chainId);
    return { packets: records.map(recordToProto) };
  },

  retryPackets: async ({ sourceChainId, sourceClientId, sequences }) => {
    if (sequences.length > MAX_SEQUENCES) throw invalid(`sequences: at most ${MAX_SEQUENCES}, got ${sequences.length}`);
    const chainId = text(sourceChainId, 'source_chain_id');
    return { retried: await relayer.retry(chainId, text(sourceClientId, 'source_client_id'), sequences) };
  },

  resumeRoute: async ({ routeId }) => {
    await relayer.resumeRoute(text(routeId, 'route_id'));
    return {};
  },

  getStatus: async () => {
    const [counts, balances] = await Promise.all([
      relayer.queries.countsByState(),
      Promise.all(
        relayer.chains.map(async ({ chainId, sender }) => {
          const signal = AbortSignal.timeout(BALANCE_TIMEOUT_MS);
          // A chain that does not answer has no balance to show; `reachable` says why.
          return [chainId, await sender.balance({ signal }).catch(() => undefined)] as const;
        }),
      ),
    ]);
    const balanceOf = new Map(balances);
    const halts = new Map(relayer.halts().map((halt) => [halt.routeId, halt]));
    return {
      packetsByState: Object.fromEntries(counts),
      chains: relayer.progress().map(({ chainId, head, finalized, cursorHeight, reachable }) => ({
        chainId,
        latestHeight: head?.height ?? 0n,
        finalizedHeight: finalized?.height ?? 0n,
        cursorHeight: cursorHeight ?? 0n,
        reachable,
        signerBalance: balanceOf.get(chainId)?.toString() ?? '',
      })),
      routes: relayer.routes.map(({ id, ends }) => {
        const halt = halts.get(id);
        return {
          routeId: id,
          ends: ends.map(({ chainId, clientId }) => ({ chainId, clientId })),
          halted: halt !== undefined,
          haltCode: halt?.code ?? '',
          haltReason: halt?.reason ?? '',
          haltedAtMs: BigInt(halt?.atMs ?? 0),
        };
      }),
    };
  },
});
